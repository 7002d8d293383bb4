import { MemoryLockLostError } from '../../errors/memory-lock-lost.error.js'
import { Lease } from '../lock/lease.js'
import { letGo } from '../lock/let-go.js'
import type { LockTurn } from '../lock/lock-queue.js'
import type { ClaimCalls } from './claim-calls.js'
import type { HeldClaim, Standing } from './claim.interface.js'

/** A turn that was claimed: in Redis, and among the callers of this process. */
export class HeldTurn<Answer> implements HeldClaim<Answer> {
  private readonly lease: Lease

  constructor(
    private readonly calls: ClaimCalls<Answer>,
    private readonly turn: LockTurn,
    private readonly sentAt: number,
  ) {
    this.lease = new Lease(calls, sentAt)
    // Who has lost it keeps nobody of this process from it.
    this.signal.addEventListener('abort', () => turn.end())
  }

  get signal(): AbortSignal {
    return this.lease.signal
  }

  async answer(answer: Answer | undefined): Promise<Standing<Answer> | undefined> {
    return this.calls.store.observe('claim.answer', async () => {
      const sealed = answer === undefined ? undefined : this.calls.seal(answer)
      return answer === undefined || sealed === undefined ? this.confirm() : this.writeAhead(answer, sealed)
    })
  }

  async appended(): Promise<void> {
    this.lease.stop()
    await letGo((ms) => this.calls.noteAppended(ms), this.calls.ttl)
    this.turn.end()
  }

  async release(): Promise<void> {
    this.lease.stop()
    await letGo((ms) => this.calls.release(ms), this.calls.ttl)
    this.turn.end()
  }

  private async writeAhead(answer: Answer, sealed: string): Promise<Standing<Answer>> {
    // A renewal that finds the answer would take the claim for lost.
    this.lease.stop()
    try {
      return await this.calls.answer(answer, sealed, this.sentAt)
    } finally {
      this.turn.end()
    }
  }

  /** With no answer ahead of it, the turn of who has lost the claim could be appended in the place of another's. */
  private async confirm(): Promise<undefined> {
    const { sessionId, ttl } = this.calls
    this.signal.throwIfAborted()
    if (await this.calls.renew(ttl)) return
    throw new MemoryLockLostError('the claim on the turn was lost: another has taken it, or it is gone', { sessionId })
  }
}
