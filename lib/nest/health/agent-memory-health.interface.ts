import type { MemoryErrorCode } from '../../errors/memory.error.js'
import type { Duration } from '../../options/units.interface.js'
import type { JournalStatus } from '../../resilience/journal/journal-entry.interface.js'

/** @publicApi */
export interface AgentMemoryHealthOptions {
  /**
   * What a check is waited for at the most; a duration, or a whole number of milliseconds. Never longer than
   * `resilience.deadline`.
   *
   * @default `resilience.deadline`
   */
  readonly timeout?: Duration | number | undefined
  /**
   * How long the result of a check is used again; `0` for not at all. Checks at the same time are one check in any case.
   *
   * @default '1s'
   */
  readonly cacheFor?: Duration | number | undefined
}

/**
 * Why a memory that works is not as it should be.
 *
 * - `journaling`: Redis does not take writes, which are kept in the journal; `code` says why.
 * - `journal-not-empty`: writes wait in the journal to be made.
 * - `journal-set-aside`: the journal keeps writes that could not be made, for somebody to look at.
 * - `journal-pressure`: the journal has taken more than 90 % of `journal.maxBytes`.
 * - `journal-failed`: the journal's disk failed; nothing can be kept until the application is started again.
 * - `breaker-open`, `breaker-half-open`: commands are turned away, because the last ones went unanswered.
 * - `evicting-policy`: the server's `maxmemory-policy` is another than `noeviction`, so that it may drop conversations.
 * - `evicted`: the server has evicted keys since this process saw it first.
 * - `memory-pressure`: the server has taken more than 90 % of its `maxmemory`.
 * - `replica-link-down`: a replica that was seen on the server is gone, still loads, or was not heard of for 10 seconds; or
 *   the server is a replica that does not reach its master.
 * - `master-down`: some masters of a cluster do not take writes, and others do.
 * - `writable-replica`: the server is a replica that takes writes, which are lost when it loads anew from its master.
 *
 * @publicApi
 */
export type MemoryHealthReason =
  | 'journaling'
  | 'journal-not-empty'
  | 'journal-set-aside'
  | 'journal-pressure'
  | 'journal-failed'
  | 'breaker-open'
  | 'breaker-half-open'
  | 'evicting-policy'
  | 'evicted'
  | 'memory-pressure'
  | 'replica-link-down'
  | 'master-down'
  | 'writable-replica'

/** A code, without any detail that is not for the public. @publicApi */
export type MemoryHealthCode = MemoryErrorCode | 'UNKNOWN'

/**
 * How the server is, by its own account (INFO).
 *
 * @publicApi
 */
export interface MemoryServerHealth {
  readonly role: 'master' | 'replica'
  /** Of a master: the replicas that are connected. */
  readonly replicas?: number
  /** Of a master: the replicas that were seen on it and are gone, still load, or were not heard of for 10 seconds. */
  readonly replicasDown?: number
  /** Of a replica: whether it reaches its master. */
  readonly masterLink?: 'up' | 'down'
  /**
   * How long ago, in ms and by the second, a master heard of the replica that has been silent for longest, or a replica of its
   * master; absent where there is none.
   */
  readonly replicationLagMs?: number
  /** `maxmemory-policy`. */
  readonly evictionPolicy?: string
  /** What counts against `maxmemory`, in bytes. */
  readonly usedMemory: number
  /** `maxmemory`, in bytes; 0 for no limit. */
  readonly maxMemory: number
  /** Keys that this run of the server has evicted since this process saw it first, or since CONFIG RESETSTAT. */
  readonly evictedKeys: number
}

/**
 * How a cluster is, by those of its nodes that have slots.
 *
 * @publicApi
 */
export interface MemoryClusterHealth {
  /** How many there are, as far as this process knows. */
  readonly masters: number
  /** How many of them did not take a write. */
  readonly mastersDown: number
  /** What those say that answered, in no order; absent where they were not asked. */
  readonly servers?: readonly MemoryServerHealth[]
}

/** What is known whether the memory is up or down. @publicApi */
export interface MemoryHealthFacts {
  readonly breaker: 'closed' | 'open' | 'half-open'
  /** With `onOutage: 'journal'`. */
  readonly journal?: JournalStatus
  /** Of the last command to Redis that failed in this process: what it was, and when, wall clock in ms. */
  readonly lastError?: { readonly code: MemoryErrorCode; readonly at: number }
  /** Absent where it was not asked for, did not answer, or denies INFO. */
  readonly server?: MemoryServerHealth
  /** Of a cluster, in the place of `server`. */
  readonly cluster?: MemoryClusterHealth
}

/** @publicApi */
export interface MemoryUp extends MemoryHealthFacts {
  readonly status: 'up'
  /** Whether there is something that somebody should look at. */
  readonly degraded: boolean
  /** Empty unless it is degraded. */
  readonly reasons: readonly MemoryHealthReason[]
  /** How long it took to write to Redis and read that back, in ms. */
  readonly roundTripMs?: number
  /** Why writes go to the journal. */
  readonly code?: MemoryHealthCode
}

/** @publicApi */
export interface MemoryDown extends MemoryHealthFacts {
  readonly status: 'down'
  readonly code: MemoryHealthCode
}

/**
 * How the memory is, by the name it was asked under: the form that `HealthCheckService.check` of `@nestjs/terminus` takes.
 *
 * @publicApi
 */
export type AgentMemoryHealth = Record<string, MemoryUp | MemoryDown>
