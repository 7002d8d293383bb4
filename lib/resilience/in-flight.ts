import { MemoryOverloadedError } from '../errors/memory-overloaded.error.js'
import type { MemoryErrorDetails } from '../errors/memory.error.js'
import { UnderWay } from '../redis/under-way.js'

/** What a read holds until it has been answered. */
export interface HeldBytes {
  /** Holds so many bytes more; fewer, when it is below 0. @throws MemoryOverloadedError */
  hold(bytes: number): void
  /** Begins anew. */
  letGo(): void
  /** The read has been answered. */
  release(): void
}

/**
 * The calls under way, with the bytes they hold: capped, so that neither a server that hangs nor sessions that are read as a
 * whole fill this process.
 */
export class InFlight {
  private readonly calls = new UnderWay()
  private readonly reads = new UnderWay()
  private written = 0
  private read = 0

  /** @param shed hears of each call that is turned away */
  constructor(
    private readonly most: { readonly operations: number; readonly bytes: number },
    private readonly shed: (sessionId: string | undefined) => void,
  ) {}

  /** How many calls are under way. */
  get count(): number {
    return this.calls.count
  }

  /** @throws MemoryOverloadedError */
  enter(bytes: number, details: MemoryErrorDetails): void {
    // A single call may be larger than the cap: it would never be let in. What is read turns no write away.
    if (this.count >= this.most.operations || (this.written > 0 && this.written + bytes > this.most.bytes)) {
      throw this.overloaded(details)
    }
    this.calls.begin()
    this.written += bytes
  }

  /** Of a call that entered, with the same bytes. */
  leave(bytes: number): void {
    this.written -= bytes
    this.calls.end()
  }

  /** For a read, which may take more than one answer of the server; to be released when it has been answered. */
  reading(details: MemoryErrorDetails): HeldBytes {
    let held = 0
    this.reads.begin()
    const hold = (bytes: number): void => {
      const others = this.written + this.read - held
      if (bytes > 0 && others > 0 && others + held + bytes > this.most.bytes) throw this.overloaded(details)
      held += bytes
      this.read += bytes
    }
    const release = (): void => {
      hold(-held)
      this.reads.end()
    }
    return { hold, letGo: () => hold(-held), release }
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    // What a read does between its calls, and after them, is a part of it.
    await this.reads.settled()
    await this.calls.settled()
  }

  private overloaded(details: MemoryErrorDetails): MemoryOverloadedError {
    this.shed(details.sessionId)
    return new MemoryOverloadedError(
      `too much is under way: ${this.count} calls with ${this.written} bytes, and ${this.reads.count} reads with ${this.read}; ` +
        `resilience.inFlight allows ${this.most.operations} calls and ${this.most.bytes} bytes`,
      details,
    )
  }
}
