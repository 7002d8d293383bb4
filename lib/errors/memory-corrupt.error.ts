import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * What stands in Redis under this key, or in the journal, is not what this module wrote, or not whole.
 * `executed: 'unknown'` when a script met it after it had begun.
 *
 * @publicApi
 */
export class MemoryCorruptError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails, executed: Executed = 'no') {
    super(message, { code: 'CORRUPT', retryable: false, executed }, details)
  }
}
