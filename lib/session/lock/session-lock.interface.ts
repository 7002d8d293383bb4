import type { Duration } from '../../options/units.interface.js'

/**
 * What the work under a session's lock is given.
 *
 * @publicApi
 */
export interface SessionLock {
  /**
   * The number of this acquisition, greater than that of every one before it. Give it to each write of the work
   * (`session.append(message, { fence })`): Redis then refuses the write once another has taken the lock.
   */
  readonly fence: number
  /**
   * Aborts before the lock can be lost, with a MemoryLockLostError as its reason: the work should end then. A process that
   * is stopped cannot hear it in time; the `fence` protects from that.
   */
  readonly signal: AbortSignal
}

/** @publicApi */
export interface LockOptions {
  /**
   * How long the lock outlives a process that dies or loses Redis: `'1s'` to `'1h'`. While the work goes on, the lock is
   * renewed each third of it.
   *
   * @default '30s'
   */
  readonly ttl?: Duration | undefined
  /**
   * How long to wait while others hold the lock: `'0ms'` (try once) to `'1h'`.
   *
   * @default '10s'
   */
  readonly wait?: Duration | undefined
}
