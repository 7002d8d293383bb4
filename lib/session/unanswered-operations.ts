import { setNewest } from './set-newest.js'

const MOST = 10_000

/**
 * The operations whose last attempt of this process was not answered, with the time of their first one. A caller who repeats
 * such a write later repeats it as old as it is.
 */
export class UnansweredOperations {
  private readonly times = new Map<string, number>()

  /** When the operation was first tried and not answered, by `performance.now()`. */
  since(key: string, code: string): number | undefined {
    return this.times.get(`${code}${key}`)
  }

  add(key: string, code: string, since: number): void {
    setNewest(this.times, `${code}${key}`, since, MOST)
  }

  /** It was answered by now. */
  delete(key: string, code: string): void {
    if (this.times.size > 0) this.times.delete(`${code}${key}`)
  }
}
