import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * More calls are under way than `resilience.inFlight` allows. This one was turned away before it took memory.
 *
 * @publicApi
 */
export class MemoryOverloadedError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'OVERLOADED', retryable: true, executed: 'no' }, details)
  }
}
