import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * The lock of the session could not be kept until the work under it was done. What the work wrote with its `fence` before
 * another holder came is stored; what it wrote later was refused.
 *
 * @publicApi
 */
export class MemoryLockLostError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'LOCK_LOST', retryable: false, executed: 'unknown' }, details)
  }
}
