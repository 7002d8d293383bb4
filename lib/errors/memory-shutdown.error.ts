import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * The application is closing: nothing new is started.
 *
 * @publicApi
 */
export class MemoryShutdownError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'SHUTDOWN', retryable: false, executed: 'no' }, details)
  }
}
