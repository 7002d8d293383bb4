import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * There is no such session for this user. A session of another user looks the same as none.
 *
 * @publicApi
 */
export class SessionNotFoundError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'SESSION_NOT_FOUND', retryable: false, executed: 'no' }, details)
  }
}
