import { MemoryOverloadedError } from '../errors/memory-overloaded.error.js'
import type { MemoryErrorDetails } from '../errors/memory.error.js'

/** The calls under way, with the bytes they hold: capped, so that a server that hangs does not fill this process. */
export class InFlight {
  private operations = 0
  private bytes = 0

  constructor(private readonly most: { readonly operations: number; readonly bytes: number }) {}

  /** How many calls are under way. */
  get count(): number {
    return this.operations
  }

  /** Answers what to call when the call has settled. @throws MemoryOverloadedError */
  enter(bytes: number, details: MemoryErrorDetails): () => void {
    // A single call may be larger than the cap: it would never be let in.
    if (this.operations >= this.most.operations || (this.bytes > 0 && this.bytes + bytes > this.most.bytes)) {
      throw new MemoryOverloadedError(
        `too much is under way: ${this.operations} calls with ${this.bytes} bytes; ` +
          `resilience.inFlight allows ${this.most.operations} and ${this.most.bytes}`,
        details,
      )
    }
    this.operations++
    this.bytes += bytes
    return () => {
      this.operations--
      this.bytes -= bytes
    }
  }
}
