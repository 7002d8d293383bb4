import type { Duration, Size } from './units.interface.js'

/**
 * Further attempts of a call that failed, within its deadline. An error that says `executed: 'no'` is repeated as it is; one
 * that says `'unknown'` with the same `operationId`, so that nothing is stored twice.
 *
 * @publicApi
 */
export interface RetryOptions {
  /**
   * How many further attempts one call has after its first. A whole number from 0, which is none, to 20.
   *
   * @default 4
   */
  readonly attempts?: number | undefined
  /**
   * The longest wait before the second attempt; it doubles with each further one. The wait itself is a random part of it
   * (full jitter), so that processes do not return in step. At most `maxDelay`, where that is given as well.
   *
   * @default '25ms', or `maxDelay` where that is shorter
   */
  readonly minDelay?: Duration | number | undefined
  /**
   * What the wait never grows beyond.
   *
   * @default '500ms', or `minDelay` where that is longer
   */
  readonly maxDelay?: Duration | number | undefined
  /**
   * How many further attempts there may be per call, on average over all calls of this memory: 0.2 adds a fifth to the load
   * at most, however long an outage takes. Above 0, at most 1.
   *
   * @default 0.2
   */
  readonly budget?: number | undefined
}

/**
 * When calls fail at once instead of being sent to a server that does not answer.
 *
 * @publicApi
 */
export interface BreakerOptions {
  /**
   * How many attempts in a row have to fail. A whole number above 0.
   *
   * @default 20
   */
  readonly failures?: number | undefined
  /**
   * How long calls fail at once, before one is let through to see whether the server is back.
   *
   * @default '500ms'
   */
  readonly openFor?: Duration | number | undefined
}

/**
 * How much may be under way at once. What would pass it is turned away with MemoryOverloadedError before it takes memory.
 *
 * @publicApi
 */
export interface InFlightOptions {
  /**
   * How many calls. A whole number above 0.
   *
   * @default 10_000
   */
  readonly operations?: number | undefined
  /**
   * How many bytes the payloads of these calls may take: of all writes, and of reads what comes after their first mebibyte,
   * until they have been answered. A read is turned away for what reads and writes hold together, a write for writes alone; a
   * single call may be larger.
   *
   * @default '64mb'
   */
  readonly bytes?: Size | undefined
}

/**
 * Where writes are kept while Redis is away.
 *
 * @publicApi
 */
export interface JournalOptions {
  /** A directory of this process alone, on a disk that outlives it. */
  readonly directory: string
  /**
   * How many bytes the journal may take. A write that would pass it fails with MemoryFullError, `JOURNAL_FULL`.
   *
   * @default '256mb'
   */
  readonly maxBytes?: Size | undefined
  /**
   * How old a write may be that is still replayed. What is older is reported, and not replayed.
   *
   * @default '1d'
   */
  readonly maxAge?: Duration | undefined
}

/**
 * What is kept in memory of writes that Redis has acknowledged, until all of its replicas have them.
 *
 * @publicApi
 */
export interface HealingOptions {
  /**
   * How many bytes of them. Of more, the oldest cannot be healed any more.
   *
   * @default '32mb'
   */
  readonly maxBytes?: Size | undefined
  /**
   * For how long at the most, where a replica is connected that does not follow. Of a server without replicas, those of the last
   * five seconds are kept: what it may lose when it starts anew with `appendfsync everysec`.
   *
   * @default '60s'
   */
  readonly maxAge?: Duration | undefined
}

/**
 * What a call does about a Redis that is slow, away, full or not what it was.
 *
 * @publicApi
 */
export interface ResilienceOptions {
  /**
   * The time within which every call settles, waiting for a connection and further attempts included; a duration, or a whole
   * number of milliseconds. At most `'24d'`.
   *
   * @default '2s'
   */
  readonly deadline?: Duration | number | undefined
  readonly retry?: RetryOptions | undefined
  /** The circuit breaker; `false` for none. */
  readonly breaker?: BreakerOptions | false | undefined
  readonly inFlight?: InFlightOptions | undefined
  /**
   * What a call does while Redis is away:
   *
   * - `throw`: it fails with MemoryUnavailableError or MemoryTimeoutError.
   * - `stale`: a read answers from what this process read or wrote last, marked `stale: true`; a write fails.
   * - `journal`: a write is kept in `journal` on the local disk, answers `stored: 'journal'`, and is replayed when Redis is
   *   back.
   *
   * @default 'throw'
   */
  readonly onOutage?: 'throw' | 'stale' | 'journal' | undefined
  /** Required by `onOutage: 'journal'`, and allowed with it only. */
  readonly journal?: JournalOptions | undefined
  /**
   * Redis acknowledges a write before its replicas have it, so that a failover can take it back. What they are not known to have is
   * kept in memory, and made again, in its order and before later writes to the session, when another server takes over without
   * it. `false` to lose it.
   */
  readonly healing?: HealingOptions | false | undefined
  /**
   * What a call does that finds a session gone, or older than it was, before its time was over: fail with MemoryLostError, or
   * report the loss and go on.
   *
   * @default 'throw'
   */
  readonly onLoss?: 'throw' | 'report' | undefined
}
