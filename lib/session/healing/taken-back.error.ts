import type { MemoryErrorDetails } from '../../errors/memory.error.js'
import { AgainInOrderError } from '../../redis/again-in-order.error.js'

/** Another server has taken over without writes of this process: those are made again first. */
export class TakenBackError extends AgainInOrderError {
  constructor(details: MemoryErrorDetails) {
    super('another server has taken over, and what it does not have is being made again', details)
  }
}
