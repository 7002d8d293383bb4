import { MemoryError, type MemoryErrorCode, type MemoryErrorDetails } from './memory.error.js'

/** @publicApi */
export type ConflictCode = Extract<
  MemoryErrorCode,
  'OPERATION_REUSED' | 'OPERATION_FORGOTTEN' | 'VERSION_MISMATCH' | 'FENCE_STALE' | 'SUMMARY_REPLACED'
>

/**
 * The write rests on something that is no longer so. Nothing was written now.
 *
 * - `OPERATION_REUSED`: the `operationId` was used before, with another payload.
 * - `OPERATION_FORGOTTEN`: the write is repeated so late that the session no longer remembers whether it was executed
 *   (`executed: 'unknown'`); what it wrote is not among the messages that are kept. Of a turn with an idempotency key also: the
 *   turn was kept before, and its answer was not, so that it cannot be given again.
 * - `VERSION_MISMATCH`: the session, or a state field, has changed since the version the caller named.
 * - `FENCE_STALE`: another holder of the session's lock came after the one whose `fence` this is.
 * - `SUMMARY_REPLACED`: another summary stands where the caller expected `replaces`.
 *
 * @publicApi
 */
export class MemoryConflictError extends MemoryError {
  declare readonly code: ConflictCode

  constructor(code: ConflictCode, message: string, details?: MemoryErrorDetails) {
    super(message, { code, retryable: false, executed: code === 'OPERATION_FORGOTTEN' ? 'unknown' : 'no' }, details)
  }
}
