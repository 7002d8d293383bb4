import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * No answer came within the deadline. `executed: 'unknown'` when a write had left by then.
 *
 * @publicApi
 */
export class MemoryTimeoutError extends MemoryError {
  constructor(message: string, executed: Executed, details?: MemoryErrorDetails) {
    super(message, { code: 'TIMEOUT', retryable: true, executed }, details)
  }
}
