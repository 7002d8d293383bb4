import { setNewest } from './set-newest.js'

const MOST = 10_000

/**
 * The operations that may have been executed, and are not known to be done, with the time of their first attempt. A caller who repeats
 * such a write later repeats it as old as it is.
 */
export class UnansweredOperations {
  private readonly times = new Map<string, number>()

  /** When the operation was first tried, by `performance.now()`. */
  since(key: string, code: string): number | undefined {
    return this.times.get(`${code}${key}`)
  }

  add(key: string, code: string, since: number): void {
    setNewest(this.times, `${code}${key}`, since, MOST)
  }

  /** It is done by now. */
  delete(key: string, code: string): void {
    if (this.times.size > 0) this.times.delete(`${code}${key}`)
  }
}
