import { MemoryError, type Executed, type MemoryErrorCode, type MemoryErrorDetails } from './memory.error.js'

/** @publicApi */
export type FullCode = Extract<MemoryErrorCode, 'SESSION_FULL' | 'SERVER_FULL' | 'JOURNAL_FULL'>

/**
 * There is no room. Nothing was written by this call, unless `executed` is `unknown`.
 *
 * - `SESSION_FULL`: the session has reached `maxMessages` or `maxBytes` and may not, or cannot, be trimmed.
 * - `SERVER_FULL`: Redis is at `maxmemory` and evicts nothing (`OOM`).
 * - `JOURNAL_FULL`: Redis is away, and the journal is at `resilience.journal.maxBytes`, or its disk is full or fails.
 *
 * @publicApi
 */
export class MemoryFullError extends MemoryError {
  declare readonly code: FullCode

  constructor(code: FullCode, message: string, details?: MemoryErrorDetails, executed: Executed = 'no') {
    super(message, { code, retryable: code !== 'SESSION_FULL', executed }, details)
  }
}
