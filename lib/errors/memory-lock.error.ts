import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * The lock of the session was held by others for as long as the caller was ready to wait. The work was not begun.
 *
 * @publicApi
 */
export class MemoryLockError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'LOCKED', retryable: true, executed: 'no' }, details)
  }
}
