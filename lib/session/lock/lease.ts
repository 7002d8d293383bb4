import { MemoryLockLostError } from '../../errors/memory-lock-lost.error.js'
import { renewalAfter, renewalAgainAfter, surelyHeld } from './lock-times.js'

/** What is held in Redis for a time, and can be renewed. */
export interface Renewable {
  readonly sessionId: string
  /** What errors call it. */
  readonly name: string
  /** For how long it is held from its last renewal, in ms. */
  readonly ttl: number
  /** Whether it is still held, with an answer within `ms`. @throws MemoryError */
  renew(ms: number): Promise<boolean>
}

const LATE = 'it could not be renewed in time'

/**
 * Renews what is held, and says so before it can be lost. What counts is the time since the last successful request was sent, by
 * the monotonic clock: Redis counts the ttl from its arrival, which is later. Timers do not keep the process: the work does, as
 * long as it does anything.
 */
export class Lease {
  private readonly controller = new AbortController()
  /** By performance.now(). */
  private heldUntil = 0
  private renewal: NodeJS.Timeout | undefined
  private end: NodeJS.Timeout | undefined
  private over = false

  constructor(
    private readonly held: Renewable,
    sentAt: number,
  ) {
    this.heldSince(sentAt)
  }

  /** Aborts with a MemoryLockLostError. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Ends the renewal. Whether it was lost before. */
  stop(): { readonly lost: boolean } {
    // A process that was stopped may come here before its timer does.
    if (!this.over && performance.now() >= this.heldUntil) this.lose(LATE)
    this.finish()
    return { lost: this.signal.aborted }
  }

  private heldSince(sentAt: number): void {
    const { ttl } = this.held
    this.heldUntil = sentAt + surelyHeld(ttl)
    clearTimeout(this.end)
    this.end = setTimeout(() => this.lose(LATE), this.heldUntil - performance.now()).unref()
    this.renewAfter(sentAt + renewalAfter(ttl) - performance.now())
  }

  private renewAfter(ms: number): void {
    this.renewal = setTimeout(() => void this.renew(), ms).unref()
  }

  private async renew(): Promise<void> {
    const { ttl } = this.held
    const sentAt = performance.now()
    // A process that was stopped: it may be another's, and if it is not, it is not taken again.
    if (sentAt >= this.heldUntil) return this.lose(LATE)
    try {
      const held = await this.held.renew(renewalAfter(ttl))
      if (this.over) return
      if (held) this.heldSince(sentAt)
      else this.lose('another has taken it, or it is gone')
    } catch {
      // Redis may be back soon; and if it is not, the signal says so.
      if (!this.over) this.renewAfter(renewalAgainAfter(ttl))
    }
  }

  private lose(why: string): void {
    this.finish()
    const { sessionId, name } = this.held
    this.controller.abort(new MemoryLockLostError(`${name} was lost: ${why}`, { sessionId }))
  }

  private finish(): void {
    this.over = true
    clearTimeout(this.renewal)
    clearTimeout(this.end)
  }
}
