import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * A message, a state value or a whole write is over a configured cap. Nothing was written.
 *
 * @publicApi
 */
export class MemoryTooLargeError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'TOO_LARGE', retryable: false, executed: 'no' }, details)
  }
}
