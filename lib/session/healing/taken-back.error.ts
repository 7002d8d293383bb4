import { MemoryUnavailableError } from '../../errors/memory-unavailable.error.js'
import type { MemoryErrorDetails } from '../../errors/memory.error.js'

/** Another server has taken over without writes of this process: those are made again first, and nothing was executed. */
export class TakenBackError extends MemoryUnavailableError {
  constructor(details: MemoryErrorDetails) {
    super('another server has taken over, and what it does not have is being made again', 'no', details)
  }
}
