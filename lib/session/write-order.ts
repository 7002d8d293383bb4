import type { Deadline } from '../redis/deadline.js'

interface Burst {
  /** The first write of the burst, settled or not; never rejects. */
  readonly first: Promise<void>
  underWay: number
}

/**
 * Keeps the writes of this process to one session in the order of their calls, also when they are not awaited. One
 * connection does that by itself, but for the write that creates a session: it takes several round trips, and a later one
 * must not slip in between. So of writes made at a time, the first goes ahead alone; the others follow together.
 */
export class WriteOrder {
  private readonly bursts = new Map<string, Burst>()

  /** @throws DeadlineExceeded when the write had to wait for an earlier one for too long, and was not made */
  async run<T>(key: string, write: () => Promise<T>, deadline: Deadline): Promise<T> {
    const burst = this.bursts.get(key)
    if (burst === undefined) {
      const result = write()
      return this.within(key, { first: settled(result), underWay: 0 }, () => result)
    }
    return this.within(key, burst, async () => {
      await deadline.race(burst.first)
      deadline.check()
      return write()
    })
  }

  private async within<T>(key: string, burst: Burst, write: () => Promise<T>): Promise<T> {
    burst.underWay++
    this.bursts.set(key, burst)
    try {
      return await write()
    } finally {
      burst.underWay--
      if (burst.underWay === 0) this.bursts.delete(key)
    }
  }
}

const settled = (promise: Promise<unknown>): Promise<void> =>
  promise.then(
    () => undefined,
    () => undefined,
  )
