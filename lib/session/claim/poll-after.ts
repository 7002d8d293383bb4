const FASTEST_POLL = 25
const SLOWEST_POLL = 250
const MOST_JITTER = 1.5

/**
 * How many ms pass until a turn is asked for again by one who has waited for `waited` ms. An answer takes seconds, and one that
 * fails at once is noticed at once; the jitter keeps processes out of step.
 */
export const pollAfter = (waited: number): number =>
  Math.min(SLOWEST_POLL, FASTEST_POLL + waited / 10) * (MOST_JITTER - Math.random())
