import { MemoryOverloadedError } from '../errors/memory-overloaded.error.js'
import type { MemoryErrorDetails } from '../errors/memory.error.js'
import { UnderWay } from '../redis/under-way.js'

/** The calls under way, with the bytes they hold: capped, so that a server that hangs does not fill this process. */
export class InFlight {
  private readonly calls = new UnderWay()
  private bytes = 0

  constructor(private readonly most: { readonly operations: number; readonly bytes: number }) {}

  /** How many calls are under way. */
  get count(): number {
    return this.calls.count
  }

  /** @throws MemoryOverloadedError */
  enter(bytes: number, details: MemoryErrorDetails): void {
    // A single call may be larger than the cap: it would never be let in.
    if (this.count >= this.most.operations || (this.bytes > 0 && this.bytes + bytes > this.most.bytes)) {
      throw new MemoryOverloadedError(
        `too much is under way: ${this.count} calls with ${this.bytes} bytes; ` +
          `resilience.inFlight allows ${this.most.operations} and ${this.most.bytes}`,
        details,
      )
    }
    this.calls.begin()
    this.bytes += bytes
  }

  /** Of a call that entered, with the same bytes. */
  leave(bytes: number): void {
    this.bytes -= bytes
    this.calls.end()
  }

  /** Resolves when no call is under way. */
  settled(): Promise<void> {
    return this.calls.settled()
  }
}
