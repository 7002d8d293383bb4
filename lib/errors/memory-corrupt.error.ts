import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * What stands in Redis under this key is not what this module wrote, or not whole.
 *
 * @publicApi
 */
export class MemoryCorruptError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails, executed: Executed = 'no') {
    super(message, { code: 'CORRUPT', retryable: false, executed }, details)
  }
}
