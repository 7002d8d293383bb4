import type { ContextOptions, SessionContext } from '../context/session-context.interface.js'
import type { CorruptRecord, Version } from '../model/record.interface.js'
import type { ReadOptions } from '../model/read-options.interface.js'
import type { Message, MessageInput } from '../model/message.interface.js'
import type { JournaledWrite } from './outage/journaled-write.interface.js'
import type { LockOptions, SessionLock } from './lock/session-lock.interface.js'
import type { Quarantine, ReencryptResult } from './quarantine/quarantine.interface.js'
import type { SessionState } from './state/session-state.interface.js'
import type { SessionSummary } from './session-summary.interface.js'
import type { WriteOptions } from './write-options.interface.js'

/** @publicApi */
export type AppendOptions = WriteOptions

/** @publicApi */
export type AppendResult<Metadata = Record<string, unknown>> = StoredAppend<Metadata> | JournaledWrite

/** @publicApi */
export interface StoredAppend<Metadata = Record<string, unknown>> {
  /** `redis`: the write is on the server. `replicated`: so many replicas have it as `durability.replicas` asks. */
  readonly stored: 'redis' | 'replicated'
  /** With `durability`: how many replicas are known to have it; more may. */
  readonly replicas?: number
  readonly messages: Message<Metadata>[]
  /** The session's version after this write. */
  readonly version: Version
  /** True when this operation had been stored before; nothing was written now, and the result is the first one. */
  readonly duplicate: boolean
  /** How many of the oldest messages were dropped to stay within `maxMessages` and `maxBytes`. */
  readonly trimmed: number
}

/**
 * Which messages to read; without any selector, all that are kept. At most one of `last`, `turns`, `maxTokens`; or
 * `after` and/or `before`, with an optional `limit`. Every number is a positive integer, but `after`, which may be 0.
 *
 * @publicApi
 */
export interface MessagesOptions extends ReadOptions {
  /** The newest n messages. */
  readonly last?: number | undefined
  /** The newest n turns; a turn is a user message and everything up to the next one. */
  readonly turns?: number | undefined
  /** The newest messages whose token counts add up to at most n. */
  readonly maxTokens?: number | undefined
  /** Messages with a greater `seq`, oldest first. */
  readonly after?: number | undefined
  /** Messages with a smaller `seq`: with `limit`, and without `after`, the ones nearest to it. */
  readonly before?: number | undefined
  /** At most n messages of the range given by `after` and `before`. */
  readonly limit?: number | undefined
}

/** @publicApi */
export interface MessagesResult<Metadata = Record<string, unknown>> {
  /** In the order of their `seq`. */
  readonly messages: Message<Metadata>[]
  /** `'0'` when there is no such session. */
  readonly version: Version
  /**
   * True when the answer may be old: it did not come from Redis, but from what this process saw and wrote last; or it came from a
   * replica, with `readFrom: 'replica'`.
   */
  readonly stale: boolean
  /** With `stale`, unless a replica answered: how long ago it was so for sure, in ms. */
  readonly staleMs?: number
  /** Records in the window that could not be read; the others are returned. */
  readonly corrupt: CorruptRecord[]
}

/** @publicApi */
export type SessionInfo =
  | {
      readonly exists: false
      readonly version: Version
      /** A replica is never believed that there is no session. */
      readonly stale: false
    }
  | {
      readonly exists: true
      readonly version: Version
      /** How many messages are kept. */
      readonly count: number
      /** Bytes of all records of the session: messages, state and summary. */
      readonly bytes: number
      /** The `seq` of the oldest kept message; `lastSeq + 1` when none is kept. */
      readonly firstSeq: number
      /** The last `seq` given; it never goes back. */
      readonly lastSeq: number
      readonly createdAt: Date
      readonly updatedAt: Date
      /** When the session expires if nothing touches it. */
      readonly expiresAt: Date
      /** The end of `session.maxAge`: no use extends the session beyond it. */
      readonly endsAt: Date
      readonly userId?: string
      /** True when a replica answered, with `readFrom: 'replica'`. */
      readonly stale: boolean
    }

/**
 * A handle on one session. Getting it costs nothing; as long as nothing fails, each method is one round trip to Redis, and
 * one more where said so, for reads where there is no session, and for each further mebibyte of messages that is read.
 *
 * Every method rejects with a MemoryError: MemoryInvalidError for arguments, MemoryUnavailableError or
 * MemoryTimeoutError when Redis does not answer, MemoryOverloadedError when too much is under way, MemoryLostError when the
 * session was lost, SessionNotFoundError when it belongs to another user, MemoryShutdownError when the application closes.
 *
 * @publicApi
 */
export interface AgentSession<State = Record<string, unknown>, Metadata = Record<string, unknown>> {
  readonly id: string
  readonly tenant: string | undefined
  readonly userId: string | undefined

  /** Typed values beside the dialogue. */
  readonly state: SessionState<State>
  /** The text that stands for messages that were trimmed. */
  readonly summary: SessionSummary

  /**
   * Stores messages at the end of the session, all or none, in the order given. The first write creates the session
   * (two more round trips, to look for a summary that outlived an earlier one). With `onOutage: 'journal'` it answers
   * `stored: 'journal'` while Redis is away, unless it has an `expectedVersion` or a `fence`.
   *
   * @throws MemoryConflictError `OPERATION_REUSED`, `OPERATION_FORGOTTEN`, `VERSION_MISMATCH`, `FENCE_STALE`
   * @throws MemoryTooLargeError for a message over `maxMessageBytes`, or an append that could never fit
   * @throws MemoryFullError `SESSION_FULL` with `onFull: 'refuse'`; `SERVER_FULL` when Redis is out of memory; `JOURNAL_FULL`
   */
  append(
    messages: MessageInput<Metadata> | readonly MessageInput<Metadata>[],
    options?: AppendOptions,
  ): Promise<AppendResult<Metadata>>

  /**
   * Reads a window of the dialogue, as one state of it; the cost depends on the window, not on the history.
   *
   * @throws MemoryOverloadedError for a window over a mebibyte, when it would pass `resilience.inFlight.bytes`
   */
  messages(options?: MessagesOptions): Promise<MessagesResult<Metadata>>

  /** Summary, state and window for one prompt, of one state of the session. */
  context(options?: ContextOptions): Promise<SessionContext<State, Metadata>>

  /** What is known about the session without reading it. */
  info(options?: ReadOptions): Promise<SessionInfo>

  /** Extends the expiry as any use does. @throws SessionNotFoundError when there is no such session */
  touch(): Promise<{ readonly expiresAt: Date }>

  /**
   * Removes messages, state and summary; owner, numbering, end of life, lock and remembered operations stay. A session that was
   * lost is begun anew with it. One more round trip, for the copy of the summary.
   */
  clear(options?: WriteOptions): Promise<{ readonly version: Version; readonly duplicate: boolean }>

  /**
   * Removes the session. What remains, for as long as it would have lived and for a day at least, is a small record without
   * content, which refuses late retries of earlier writes, and says that the session was not lost. Resolves to whether there
   * was a session. One more round trip, for the copy of the summary.
   */
  delete(options?: WriteOptions): Promise<boolean>

  /**
   * Runs `work` while nobody else holds the session's lock, and settles as it does. The lock is kept until the work is done;
   * writes that carry its `fence` are refused once another holder has come.
   *
   * @throws MemoryLockError when others hold the lock for longer than `wait`; MemoryLockLostError when it could not be kept,
   * whatever came of the work
   */
  withLock<Result>(work: (lock: SessionLock) => Promise<Result> | Result, options?: LockOptions): Promise<Result>

  /**
   * Everything that cannot be read, with its content, to be repaired or dropped. Reads the whole session, a thousand records a
   * round trip.
   */
  quarantine(): Promise<Quarantine>

  /**
   * Writes every record anew that does not stand under `serialization.encryption.current`, the copy of the summary included:
   * the last step of a rotation. The session's version and expiry stay. Goes through the session 200 records at a time, each
   * within the deadline of a call; after an error the same call goes on where it ended.
   *
   * @throws MemoryInvalidError when nothing is encrypted here
   */
  reencrypt(): Promise<ReencryptResult>
}
