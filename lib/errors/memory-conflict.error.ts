import { MemoryError, type MemoryErrorCode, type MemoryErrorDetails } from './memory.error.js'

/** @publicApi */
export type ConflictCode = Extract<MemoryErrorCode, 'OPERATION_REUSED' | 'VERSION_MISMATCH' | 'SUMMARY_REPLACED'>

/**
 * The write rests on something that is no longer so. Nothing was written.
 *
 * - `OPERATION_REUSED`: the `operationId` was used before, with another payload.
 * - `VERSION_MISMATCH`: the session, or a state field, has changed since the version the caller named.
 * - `SUMMARY_REPLACED`: another summary stands where the caller expected `replaces`.
 *
 * @publicApi
 */
export class MemoryConflictError extends MemoryError {
  declare readonly code: ConflictCode

  constructor(code: ConflictCode, message: string, details?: MemoryErrorDetails) {
    super(message, { code, retryable: false, executed: 'no' }, details)
  }
}
