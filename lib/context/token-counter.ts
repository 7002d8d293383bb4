/**
 * Counts, or estimates, the tokens that a text costs a model.
 *
 * @publicApi
 */
export abstract class TokenCounter {
  abstract count(text: string): number
}
