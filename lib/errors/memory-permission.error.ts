import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * The credentials are wrong, or the ACL user lacks a right.
 *
 * @publicApi
 */
export class MemoryPermissionError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails, executed: Executed = 'no') {
    super(message, { code: 'PERMISSION_DENIED', retryable: false, executed }, details)
  }
}
