import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * Redis could not be reached, or refused to serve for now.
 *
 * @publicApi
 */
export class MemoryUnavailableError extends MemoryError {
  constructor(message: string, executed: Executed, details?: MemoryErrorDetails, retryable = true) {
    super(message, { code: 'UNAVAILABLE', retryable, executed }, details)
  }
}
