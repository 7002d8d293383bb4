/**
 * Counts, or estimates, the tokens that a text costs a model. A message is counted once, when it is written, and the number is
 * kept with it: another counter later counts what is written from then on.
 *
 *     class Tokenizer extends TokenCounter {
 *       count(text: string): number {
 *         return encode(text).length
 *       }
 *     }
 *
 * @publicApi
 */
export abstract class TokenCounter {
  /**
   * @returns the tokens, from 0; a fraction is rounded up. For a text at which it throws, an estimate is taken, and the first
   * such failure is logged, without what it says.
   */
  abstract count(text: string): number
}
