import { performance } from 'node:perf_hooks'

/** Thrown by Deadline.race when the time is over. */
export class DeadlineExceeded extends Error {}

/** The time within which one call settles. */
export class Deadline {
  private readonly end: number

  constructor(readonly ms: number) {
    this.end = performance.now() + ms
  }

  get remaining(): number {
    return Math.max(0, this.end - performance.now())
  }

  /** @throws DeadlineExceeded when what is left is no time for a round trip: better not to send at all */
  check(): void {
    if (this.remaining < 1) throw this.exceeded()
  }

  /** Settles as `promise` does, or rejects with DeadlineExceeded. A late failure of `promise` is not left unhandled. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.exceeded()), this.remaining)
      promise.then(
        (value) => {
          clearTimeout(timer)
          return resolve(value)
        },
        (error: Error) => {
          clearTimeout(timer)
          return reject(error)
        },
      )
    })
  }

  private exceeded(): DeadlineExceeded {
    return new DeadlineExceeded(`no answer within ${this.ms} ms`)
  }
}
