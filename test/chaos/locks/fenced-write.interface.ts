/** What a contender for the lock writes twice each time it has it. */
export interface FencedWrite {
  /** The number of the contender. */
  readonly process: number
  readonly fence: number
  readonly what: 'begin' | 'end'
}
