import { MemoryLockLostError } from '../../errors/memory-lock-lost.error.js'
import type { Acquired } from './acquire-lock.js'
import type { LockCalls } from './lock-calls.js'
import { renewalAfter, renewalAgainAfter, surelyHeld } from './lock-times.js'
import type { SessionLock } from './session-lock.interface.js'

const LATE = 'it could not be renewed in time'

/**
 * A lock that is held: renews it, and says so before it can be lost. What counts is the time since the last successful request
 * was sent, by the monotonic clock: Redis counts the ttl from its arrival, which is later. Timers do not keep the process: the
 * work does, as long as it does anything.
 */
export class HeldLock implements SessionLock {
  readonly fence: number
  private readonly controller = new AbortController()
  /** By performance.now(). */
  private heldUntil = 0
  private renewal: NodeJS.Timeout | undefined
  private end: NodeJS.Timeout | undefined
  private over = false

  constructor(
    private readonly sessionId: string,
    private readonly calls: LockCalls,
    { fence, sentAt }: Acquired,
  ) {
    this.fence = fence
    this.heldSince(sentAt)
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Ends the renewal. Whether the lock was lost before. */
  stop(): { readonly lost: boolean } {
    // A process that was stopped may come here before its timer does.
    if (!this.over && performance.now() >= this.heldUntil) this.lose(LATE)
    this.finish()
    return { lost: this.signal.aborted }
  }

  private heldSince(sentAt: number): void {
    const { ttl } = this.calls
    this.heldUntil = sentAt + surelyHeld(ttl)
    clearTimeout(this.end)
    this.end = setTimeout(() => this.lose(LATE), this.heldUntil - performance.now()).unref()
    this.renewAfter(sentAt + renewalAfter(ttl) - performance.now())
  }

  private renewAfter(ms: number): void {
    this.renewal = setTimeout(() => void this.renew(), ms).unref()
  }

  private async renew(): Promise<void> {
    const { ttl } = this.calls
    const sentAt = performance.now()
    // A process that was stopped: the lock may be another's, and if it is not, it is not taken again.
    if (sentAt >= this.heldUntil) return this.lose(LATE)
    try {
      const held = await this.calls.renew(renewalAfter(ttl))
      if (this.over) return
      if (held) this.heldSince(sentAt)
      else this.lose('another has taken it, or the session is gone')
    } catch {
      // Redis may be back soon; and if it is not, the signal says so.
      if (!this.over) this.renewAfter(renewalAgainAfter(ttl))
    }
  }

  private lose(why: string): void {
    this.finish()
    const { sessionId } = this
    this.controller.abort(new MemoryLockLostError(`the session's lock was lost: ${why}`, { sessionId }))
  }

  private finish(): void {
    this.over = true
    clearTimeout(this.renewal)
    clearTimeout(this.end)
  }
}
