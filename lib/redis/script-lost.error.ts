import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { MemoryErrorDetails } from '../errors/memory.error.js'

/** The server did not know a script, and knows it now: nothing was executed. */
export class ScriptLostError extends MemoryUnavailableError {
  constructor(details: MemoryErrorDetails) {
    super('the server has lost the scripts in between (NOSCRIPT)', 'no', details)
  }
}
