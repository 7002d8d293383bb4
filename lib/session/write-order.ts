import type { Deadline } from '../redis/deadline.js'

interface Burst {
  /** The write that went alone last, settled or not; never rejects. */
  alone: Promise<void>
  underWay: number
}

/**
 * Keeps the writes of this process to one session in the order of their calls, also when they are not awaited. One
 * connection does that by itself, but for the write that creates a session: it takes several round trips, and a later one
 * must not slip in between. So of writes made at a time, the first goes ahead alone; the others follow together. A write
 * that rests on what the one before answered goes alone as well.
 */
export class WriteOrder {
  private readonly bursts = new Map<string, Burst>()

  /** @throws DeadlineExceeded when the write had to wait for an earlier one for too long, and was not made */
  async run<T>(key: string, write: () => Promise<T>, deadline: Deadline, alone = false): Promise<T> {
    const burst = this.bursts.get(key)
    if (burst === undefined) {
      const result = write()
      return this.within(key, { alone: settled(result), underWay: 0 }, () => result)
    }
    const before = burst.alone
    const result = (async () => {
      await deadline.race(before)
      deadline.check()
      return write()
    })()
    // The next one waits for both, also when this one does not wait long enough for the one before.
    if (alone) burst.alone = settled(Promise.all([before, settled(result)]))
    return this.within(key, burst, () => result)
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
