import type { Duration } from '../../options/units.interface.js'
import type { LockOptions } from '../../session/lock/session-lock.interface.js'
import type { MessageContent, MessageInput } from '../../model/message.interface.js'
import type { FromCall } from './from-call.interface.js'

/** @publicApi */
export interface UseMemoryOptions {
  /** The id of the session. A call without one is refused (400). */
  readonly session: FromCall
  /**
   * The user whose session it must be. Where this is given, a call without a user is refused, and never reaches the session as
   * the application itself.
   */
  readonly user?: FromCall<string | undefined>
  /** The tenant. Where this is given, a call without one is refused. */
  readonly tenant?: FromCall<string | undefined>
  /**
   * Of a memory of `forFeature`.
   *
   * @default the memory of `forRoot`
   */
  readonly name?: string
}

/** @publicApi */
export interface OneTurnOptions extends LockOptions {
  /** Of the memory whose session is locked. @default the memory of `forRoot`, or the only one that `@UseMemory` names */
  readonly name?: string
}

/**
 * What a handler answered.
 *
 * @publicApi
 */
export interface RememberedAnswer {
  /** What it returned; the last value of an Observable or a stream. */
  readonly value: unknown
  /**
   * All values of an Observable, an async iterable or a stream, in order; else the one. Of an Observable over plain HTTP and
   * GraphQL only the last, which is what the client gets.
   *
   * @throws MemoryTooLargeError when it is asked for, of an answer in parts that take more than `session.maxMessageBytes`: no
   * more is held. So does `text`
   */
  readonly values: readonly unknown[]
  /**
   * The texts among them, one behind the other: strings, bytes as UTF-8; of server-sent events, and of `{ event, data }` over
   * WebSockets, `data` that is one of these.
   */
  readonly text: string
  /** Whether the client was gone before the end. */
  readonly interrupted: boolean
}

/** @publicApi */
export interface RememberTurnOptions {
  /** What the user said: a text, parts of a content, or a message of the role `user`. A call without it is refused (400). */
  readonly user: FromCall<MessageContent | MessageInput>
  /**
   * What is remembered of the answer.
   *
   * @default its text; a handler whose answer is no text has to say
   */
  readonly assistant?: (answer: RememberedAnswer) => string | MessageInput | readonly MessageInput[]
  /**
   * What becomes of the turn when the client leaves in the middle of a stream: what was answered so far is kept, with
   * `metadata.interrupted`, and is the answer to a repeated call; or nothing, and a repeated call runs anew.
   *
   * @default 'store'
   */
  readonly onDisconnect?: 'store' | 'drop'
  /**
   * What becomes of the turn when the handler, or a pipe before it, throws: nothing is kept, or what the user said, with `metadata.failed`.
   *
   * @default 'drop'
   */
  readonly onError?: 'store' | 'drop'
  /**
   * Where the key is found that makes the same call, sent again, one turn.
   *
   * @default `headers.idempotency-key` over HTTP and GraphQL; calls without it are not recognised
   */
  readonly idempotencyKey?: FromCall<string | undefined>
  /**
   * How long a repeated call waits for the answer of the first one: `'0ms'` to `'1h'`. Then MemoryLockError.
   *
   * @default '30s'
   */
  readonly wait?: Duration
  /**
   * For how long an answer is kept for calls that are repeated, `'1s'` to `'1d'`; not longer than the session's `ttl`.
   *
   * @default '1d'
   */
  readonly keepFor?: Duration
  /** Of the memory. @default the memory of `forRoot`, or the only one that `@UseMemory` names */
  readonly name?: string
}
