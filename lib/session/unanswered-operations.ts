import { setNewest } from './set-newest.js'

const MOST = 10_000

/** The first attempt of an operation that may have been executed. */
export interface FirstAttempt {
  /** By `performance.now()`. */
  readonly since: number
  /** The last seq before it, as far as it was known, of the session that must be there. */
  readonly lastSeq: number | undefined
}

/**
 * The operations that may have been executed, and are not known to be done, with their first attempt. A caller who repeats such a write
 * later repeats it as old as it is: what the process wrote to the session since stands behind it.
 */
export class UnansweredOperations {
  private readonly attempts = new Map<string, FirstAttempt>()

  first(key: string, code: string): FirstAttempt | undefined {
    return this.attempts.get(`${code}${key}`)
  }

  /** An attempt that was not answered; only the first one counts. */
  add(key: string, code: string, attempt: FirstAttempt): void {
    setNewest(this.attempts, `${code}${key}`, this.first(key, code) ?? attempt, MOST)
  }

  /** It is done by now. */
  delete(key: string, code: string): void {
    if (this.attempts.size > 0) this.attempts.delete(`${code}${key}`)
  }
}
