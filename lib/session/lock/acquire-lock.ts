import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryLockError } from '../../errors/memory-lock.error.js'
import { MemoryTimeoutError } from '../../errors/memory-timeout.error.js'
import type { LockCalls } from './lock-calls.js'
import { pollAfter, surelyHeld } from './lock-times.js'

export interface Acquired {
  readonly fence: number
  /** When the request left, by performance.now(): from then on the lock is held for its ttl. */
  readonly sentAt: number
}

export const lockedByOthers = (sessionId: string, wait: number): MemoryLockError =>
  new MemoryLockError(`the session's lock was held by others for ${wait} ms`, { sessionId })

const grantedTooLate = (sessionId: string, ttl: number): MemoryTimeoutError =>
  new MemoryTimeoutError(`Redis answers so late that a lock of ${ttl} ms may be over by then`, 'unknown', { sessionId })

/**
 * Asks for the lock until it is there, or `wait` ms after `since` have passed.
 *
 * @throws MemoryLockError when others hold it for so long
 * @throws MemoryTimeoutError when Redis answers later than a lock of this ttl lasts
 * @throws MemoryError of the request
 */
export const acquireLock = async (
  sessionId: string,
  calls: LockCalls,
  wait: number,
  since: number,
): Promise<Acquired> => {
  for (;;) {
    const sentAt = performance.now()
    const answer = await calls.acquire()
    const now = performance.now()
    if ('fence' in answer) {
      // An answer that took so long that the lock may be over is asked for again: the same token extends it.
      if (now - sentAt < surelyHeld(calls.ttl)) return { fence: answer.fence, sentAt }
      if (now >= since + wait) throw grantedTooLate(sessionId, calls.ttl)
    } else {
      const left = since + wait - now
      if (left <= 0) throw lockedByOthers(sessionId, wait)
      await sleep(Math.min(pollAfter(now - since), answer.heldFor + 1, left))
    }
  }
}
