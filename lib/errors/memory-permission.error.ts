import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * The credentials are wrong, or the ACL user lacks a right. `executed: 'unknown'` when a script was let in, and something it
 * does was not.
 *
 * @publicApi
 */
export class MemoryPermissionError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails, executed: Executed = 'no') {
    super(message, { code: 'PERMISSION_DENIED', retryable: false, executed }, details)
  }
}
