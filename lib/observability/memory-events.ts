import type { LossReason } from '../errors/memory-lost.error.js'
import type { MemoryErrorCode } from '../errors/memory.error.js'
import type { CorruptRecord } from '../model/record.interface.js'

/**
 * What a MemoryEvent says of the session it is about. Ids may be those of users: events are for the code of the application, and
 * are not what metrics and spans say.
 *
 * @publicApi
 */
export interface SessionEvent {
  /** The namespace of the memory. */
  readonly memory: string
  readonly sessionId: string
  readonly tenant: string | undefined
}

/**
 * A call that has settled: `nestjs-agent-memory:operation`. Where it has a span, the span is active and open while this is
 * published.
 *
 * @publicApi
 */
export interface OperationEvent extends SessionEvent {
  readonly operation: OperationName
  readonly durationMs: number
  readonly outcome: 'ok' | 'error'
  /** Of the MemoryError; absent for an error of other code, as that of a tokenizer. */
  readonly code?: MemoryErrorCode
  /** How often it was tried: 1 without a retry. */
  readonly attempts: number
  /** Nothing was written, because the operation had been stored before. */
  readonly duplicate: boolean
  /** The answer did not come from Redis. */
  readonly stale: boolean
  /** The answer came from a replica, and may be old. */
  readonly replica: boolean
  /** The write waits on the local disk. */
  readonly journaled: boolean
  /** What was sent to Redis as arguments of scripts, and what it answered, in bytes. */
  readonly bytesWritten: number
  readonly bytesRead: number
}

/**
 * The calls of a session that are observed, as `db.operation.name` has them. `lock`: until it is acquired. `claim`: until a turn of
 * `@RememberTurn` with a key is claimed, or its answer is there; `claim.answer`: the answer is written ahead.
 *
 * @publicApi
 */
export type OperationName =
  | 'append'
  | 'messages'
  | 'context'
  | 'info'
  | 'touch'
  | 'clear'
  | 'delete'
  | 'lock'
  | 'claim'
  | 'claim.answer'
  | 'quarantine'
  | 'quarantine.repair'
  | 'quarantine.drop'
  | 'reencrypt'
  | 'state.get'
  | 'state.value'
  | 'state.set'
  | 'state.patch'
  | 'state.delete'
  | 'summary.get'
  | 'summary.commit'

/**
 * A call that is tried again: `nestjs-agent-memory:retry`. Also one that no caller made, as the renewal of a lock; then
 * `operation` and `memory` are absent.
 *
 * @publicApi
 */
export interface RetryEvent {
  readonly operation?: OperationName
  readonly memory?: string
  readonly sessionId: string | undefined
  /** Of the error that the attempt before ended with. */
  readonly code: MemoryErrorCode
}

/**
 * A call that was turned away with MemoryOverloadedError, because too much was under way: `nestjs-agent-memory:shed`.
 *
 * @publicApi
 */
export type ShedEvent = Omit<RetryEvent, 'code'>

/**
 * The breaker of the connection changed: `nestjs-agent-memory:breaker`.
 *
 * @publicApi
 */
export interface BreakerEvent {
  readonly state: 'closed' | 'open' | 'half-open'
}

/**
 * A write was kept in the journal: `nestjs-agent-memory:journaled`.
 *
 * @publicApi
 */
export interface WriteJournaledEvent extends SessionEvent {
  readonly operationId: string
}

/**
 * A record was found that cannot be read, for the first time by this process: `nestjs-agent-memory:corrupt`.
 *
 * @publicApi
 */
export interface CorruptRecordEvent extends SessionEvent, Pick<CorruptRecord, 'kind' | 'seq' | 'field' | 'reason'> {}

/**
 * A session was found to be gone, or older than it was: `nestjs-agent-memory:lost`. Also with `onLoss: 'report'`, where no error
 * is thrown.
 *
 * @publicApi
 */
export interface SessionLostEvent extends SessionEvent {
  /** The likely cause. */
  readonly reason: LossReason
  /** Of `failed-over`: the messages that are lost, where they are known. */
  readonly seqs?: { readonly from: number; readonly to: number }
}

/**
 * A write that Redis had acknowledged was made again, because another server has taken over without it: `nestjs-agent-memory:healed`.
 *
 * @publicApi
 */
export interface WriteHealedEvent extends SessionEvent {
  readonly operationId: string
  /** The seqs that its messages have now. */
  readonly seqs: readonly number[]
  /** By how much they are greater than those that were acknowledged, as others have written meanwhile. */
  readonly behind: number
  /** State fields that were left as they are, because they were written later. */
  readonly outdated: readonly string[]
}

/**
 * A write of the journal was made: `nestjs-agent-memory:replayed`.
 *
 * @publicApi
 */
export interface WriteReplayedEvent extends SessionEvent {
  readonly operationId: string
  /** The seqs that its messages got. */
  readonly seqs: readonly number[]
  /** How many messages of others stand between it and what was known when it was made. */
  readonly behind: number
  /** State fields that were left as they are, because they were written later. */
  readonly outdated: readonly string[]
}

/**
 * A write was stored, and fewer replicas acknowledged it in time than `durability.replicas` asks:
 * `nestjs-agent-memory:under-replicated`.
 *
 * @publicApi
 */
export interface WriteUnderReplicatedEvent extends SessionEvent {
  readonly operationId: string
  /** How many did. */
  readonly replicas: number
  readonly wanted: number
}

/**
 * A write of the journal cannot be made: `nestjs-agent-memory:set-aside`. It is kept there, and not tried again.
 *
 * @publicApi
 */
export interface WriteSetAsideEvent {
  /** The namespace of the memory. */
  readonly memory: string
  /** `undefined` when the entry cannot be read. */
  readonly sessionId: string | undefined
  readonly tenant: string | undefined
  readonly operationId: string
  /** A code of a MemoryError, or what is wrong with the entry. */
  readonly reason: string
}
