import { MemoryError, type Executed, type MemoryErrorDetails } from './memory.error.js'

/**
 * Redis could not be reached, or refused to serve for now; or an encryption key cannot be had. `executed` is `unknown` when the
 * request had left, and `yes` when a write of two parts was made but for the copy of the summary: repeating it does the rest.
 *
 * @publicApi
 */
export class MemoryUnavailableError extends MemoryError {
  constructor(message: string, executed: Executed, details?: MemoryErrorDetails, retryable = true) {
    super(message, { code: 'UNAVAILABLE', retryable, executed }, details)
  }
}
