import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * The write belongs to a session that was deleted after the write was first made.
 *
 * @publicApi
 */
export class SessionDeletedError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'SESSION_DELETED', retryable: false, executed: 'no' }, details)
  }
}
