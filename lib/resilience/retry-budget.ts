/** How many retries may be saved up by calls that needed none: enough for all that one lost connection takes with it. */
const MOST_SAVED = 1_000

/**
 * Caps retries over all calls: each call adds a part of one to the budget, each retry takes one. A few that fail are retried
 * freely; when all fail, the load grows by that part only.
 */
export class RetryBudget {
  private saved = MOST_SAVED

  /** @param perCall 0.2 for one retry in five calls */
  constructor(private readonly perCall: number) {}

  earn(): void {
    this.saved = Math.min(MOST_SAVED, this.saved + this.perCall)
  }

  /** Answers whether there was one to take. */
  take(): boolean {
    if (this.saved < 1) return false
    this.saved--
    return true
  }
}
