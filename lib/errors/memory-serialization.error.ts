import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * A value cannot be kept exactly, so it is refused; `path` names its place. Nothing was written.
 *
 * @publicApi
 */
export class MemorySerializationError extends MemoryError {
  constructor(message: string, details?: MemoryErrorDetails) {
    super(message, { code: 'NOT_SERIALIZABLE', retryable: false, executed: 'no' }, details)
  }
}
