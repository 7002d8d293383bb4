import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { MemoryErrorDetails } from '../errors/memory.error.js'

/** Nothing was executed, and what stood in the way is gone: whoever keeps the order of the writes makes the attempt again. */
export abstract class AgainInOrderError extends MemoryUnavailableError {
  constructor(message: string, details: MemoryErrorDetails) {
    super(message, 'no', details)
  }
}

/** The server did not know a script, and knows it now. */
export class ScriptLostError extends AgainInOrderError {
  constructor(details: MemoryErrorDetails) {
    super('the server has lost the scripts in between (NOSCRIPT)', details)
  }
}

/** The node of the cluster was not there, and was waited for: within the deadline, however often that is. */
export class NodeAwaitedError extends AgainInOrderError {
  constructor(details: MemoryErrorDetails) {
    super('the node of the cluster was not there', details)
  }
}
