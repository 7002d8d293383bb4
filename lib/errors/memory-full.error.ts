import { MemoryError, type MemoryErrorCode, type MemoryErrorDetails } from './memory.error.js'

/** @publicApi */
export type FullCode = Extract<MemoryErrorCode, 'SESSION_FULL' | 'SERVER_FULL'>

/**
 * There is no room. Nothing was written.
 *
 * - `SESSION_FULL`: the session has reached `maxMessages` or `maxBytes` and may not, or cannot, be trimmed.
 * - `SERVER_FULL`: Redis is at `maxmemory` and evicts nothing (`OOM`).
 *
 * @publicApi
 */
export class MemoryFullError extends MemoryError {
  declare readonly code: FullCode

  constructor(code: FullCode, message: string, details?: MemoryErrorDetails) {
    super(message, { code, retryable: code === 'SERVER_FULL', executed: 'no' }, details)
  }
}
