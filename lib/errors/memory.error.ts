/**
 * Every code an error of this module can carry.
 *
 * @publicApi
 */
export type MemoryErrorCode =
  | 'CONFIG_INVALID'
  | 'ARGUMENT_INVALID'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'SHUTDOWN'
  | 'OPERATION_REUSED'
  | 'OPERATION_FORGOTTEN'
  | 'VERSION_MISMATCH'
  | 'FENCE_STALE'
  | 'SUMMARY_REPLACED'
  | 'NOT_SERIALIZABLE'
  | 'CORRUPT'
  | 'TOO_LARGE'
  | 'SESSION_FULL'
  | 'SERVER_FULL'
  | 'JOURNAL_FULL'
  | 'OVERLOADED'
  | 'LOST'
  | 'LOCKED'
  | 'LOCK_LOST'
  | 'PERMISSION_DENIED'
  | 'SESSION_NOT_FOUND'
  | 'SESSION_DELETED'

/**
 * Whether the write behind an error was executed by Redis.
 * `unknown`: the request left and no answer came; repeat it with the same `operationId` to find out. `no` for reads.
 *
 * @publicApi
 */
export type Executed = 'no' | 'yes' | 'unknown'

/** What an error knows besides its text. */
export interface MemoryErrorDetails {
  readonly sessionId?: string
  readonly operationId?: string
  readonly path?: string
  readonly cause?: unknown
}

interface MemoryErrorNature {
  readonly code: MemoryErrorCode
  readonly retryable: boolean
  readonly executed: Executed
}

/**
 * The base of all errors of this module. Its texts name ids, paths and kinds of values, never their content.
 *
 * @publicApi
 */
export abstract class MemoryError extends Error {
  readonly code: MemoryErrorCode
  /** Whether the same call, with the same `operationId`, may succeed later. */
  readonly retryable: boolean
  readonly executed: Executed
  declare readonly sessionId?: string
  /** The id under which the write was sent, also when the caller gave none: repeat the call with it. */
  declare readonly operationId?: string
  /** The place in the caller's input, as `messages[0].content`. */
  declare readonly path?: string

  protected constructor(message: string, nature: MemoryErrorNature, details: MemoryErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = nature.code
    this.retryable = nature.retryable
    this.executed = nature.executed
    if (details.sessionId !== undefined) this.sessionId = details.sessionId
    if (details.operationId !== undefined) this.operationId = details.operationId
    if (details.path !== undefined) this.path = details.path
  }
}
