/**
 * One thing that is wrong with what a caller gave.
 *
 * @publicApi
 */
export interface Problem {
  /** Where: `messages[0].content`, `session.ttl`. */
  readonly path: string
  /** What was found there, by its kind (`a number`, `an empty string`); never a user's text. */
  readonly given: string
  /** What would have been right. */
  readonly allowed: string
}

export const formatProblem = ({ path, given, allowed }: Problem): string =>
  `${path}: ${given} given; allowed: ${allowed}`
