import { Lease } from '../lock/lease.js'
import { letGo } from '../lock/let-go.js'
import type { LockTurn } from '../lock/lock-queue.js'
import type { ClaimCalls } from './claim-calls.js'
import type { HeldClaim } from './claim.interface.js'

/** A turn that was claimed: in Redis, and among the callers of this process. */
export class HeldTurn<Answer> implements HeldClaim<Answer> {
  private readonly lease: Lease

  constructor(
    private readonly calls: ClaimCalls<Answer>,
    private readonly turn: LockTurn,
    sentAt: number,
  ) {
    this.lease = new Lease(calls, sentAt)
    // Who has lost it keeps nobody of this process from it.
    this.signal.addEventListener('abort', () => turn.end())
  }

  get signal(): AbortSignal {
    return this.lease.signal
  }

  async answer(answer: Answer): Promise<Answer> {
    // A renewal that finds the answer would take the claim for lost.
    this.lease.stop()
    try {
      return await this.calls.answer(answer)
    } finally {
      this.turn.end()
    }
  }

  async release(): Promise<void> {
    this.lease.stop()
    await letGo((ms) => this.calls.release(ms), this.calls.ttl)
    this.turn.end()
  }
}
