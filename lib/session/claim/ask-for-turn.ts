import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryLockError } from '../../errors/memory-lock.error.js'
import { MemoryTimeoutError } from '../../errors/memory-timeout.error.js'
import { surelyHeld } from '../lock/lock-times.js'
import type { ClaimCalls } from './claim-calls.js'
import type { Answered, ClaimOptions } from './claim.interface.js'
import { pollAfter } from './poll-after.js'

/** When the request left that was granted, by performance.now(); or what came of the turn before. */
export type Asked<Answer> = { readonly sentAt: number } | Answered<Answer>

export const underWay = (sessionId: string): MemoryLockError =>
  new MemoryLockError('the turn under this key is still under way', { sessionId })

const grantedTooLate = ({ sessionId, ttl }: ClaimCalls<unknown>): MemoryTimeoutError =>
  new MemoryTimeoutError(`Redis answers so late that a claim of ${ttl} ms may be over by then`, 'unknown', {
    sessionId,
  })

/**
 * Asks for the turn until it is claimed or answered, or `wait` ms after `since` have passed.
 *
 * @throws MemoryLockError when another runs it for so long; MemoryTimeoutError when Redis answers later than the claim lasts
 * @throws the reason of the signal; MemoryError of the request
 */
export const askForTurn = async <Answer>(
  calls: ClaimCalls<Answer>,
  { wait, signal }: Pick<ClaimOptions, 'wait' | 'signal'>,
  since: number,
): Promise<Asked<Answer>> => {
  for (;;) {
    const sentAt = performance.now()
    const reply = await calls.claim()
    signal?.throwIfAborted()
    const now = performance.now()
    const left = since + wait - now
    switch (reply.state) {
      case 'answered':
        return { answer: reply.answer, since: sentAt - reply.ago - 1 }
      case 'claimed':
        // An answer that took so long that the claim may be over is asked for again: the same token extends it.
        if (now - sentAt < surelyHeld(calls.ttl)) return { sentAt }
        if (left <= 0) throw grantedTooLate(calls)
        break
      case 'running': {
        if (left <= 0) throw underWay(calls.sessionId)
        const pause = Math.min(pollAfter(now - since), reply.endsIn + 1, left)
        await sleep(pause, undefined, { signal }).catch(() => undefined)
        signal?.throwIfAborted()
      }
    }
  }
}
