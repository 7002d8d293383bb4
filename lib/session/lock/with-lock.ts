import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { MemoryLockLostError } from '../../errors/memory-lock-lost.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import { valueKind } from '../../errors/value-kind.js'
import { acquireLock, lockedByOthers, type Acquired } from './acquire-lock.js'
import { Lease } from './lease.js'
import { letGo } from './let-go.js'
import { LockCalls, type LockStore } from './lock-calls.js'
import { resolveLockOptions } from './lock-options.js'
import type { LockQueue, LockTurn } from './lock-queue.js'
import { PAUSE_FOR_OTHERS } from './lock-times.js'
import type { LockOptions, SessionLock } from './session-lock.interface.js'

/** What is done under a lock. */
export type LockedWork<Result> = (lock: SessionLock) => Promise<Result> | Result

/**
 * Runs `work` while this process alone holds the session's lock, and settles as it does.
 *
 * @throws MemoryInvalidError, MemoryLockError, MemoryLockLostError, SessionNotFoundError; MemoryError of the requests
 */
export const withLock = async <Result>(
  store: LockStore,
  queue: LockQueue,
  work: LockedWork<Result>,
  options?: LockOptions,
): Promise<Result> => {
  if (typeof work !== 'function') {
    throw new MemoryInvalidError({ path: 'work', given: valueKind(work), allowed: 'a function' })
  }
  const { ttl, wait } = resolveLockOptions(options)
  const { id: sessionId, key } = store.target
  const calls = new LockCalls(store, ttl)
  const { turn, acquired } = await store.observe('lock', () => take(queue, calls, sessionId, key, wait))
  const lease = new Lease(calls, acquired.sentAt)
  // Who has lost it keeps nobody of this process from it.
  lease.signal.addEventListener('abort', () => turn.end())
  try {
    return await settle(() => work({ fence: acquired.fence, signal: lease.signal }), lease)
  } finally {
    const released = release(calls, turn)
    // Redis may well hang then.
    if (!lease.signal.aborted) await released
  }
}

interface Taken {
  readonly turn: LockTurn
  readonly acquired: Acquired
}

/** The turn among the callers of this process, and then the lock. @throws MemoryError */
const take = async (
  queue: LockQueue,
  calls: LockCalls,
  sessionId: string,
  key: string,
  wait: number,
): Promise<Taken> => {
  const since = performance.now()
  const turn = await queue.enter(key, wait)
  if (turn === undefined) throw lockedByOthers(sessionId, wait)
  try {
    return { turn, acquired: await acquireLock(sessionId, calls, wait, since) }
  } catch (error) {
    // Redis may have granted it without being heard.
    if (error instanceof MemoryError && error.executed === 'unknown') void release(calls, turn)
    else turn.end()
    throw error
  }
}

/** @throws MemoryLockLostError when the lock was lost before the work ended, whatever came of it */
const settle = async <Result>(work: () => Promise<Result> | Result, lease: Lease): Promise<Result> => {
  try {
    const result = await work()
    if (!lease.stop().lost) return result
  } catch (error) {
    if (!lease.stop().lost) throw error
    throw lostError(lease, error)
  }
  throw lostError(lease)
}

const lostError = ({ signal }: Lease, thrown?: unknown): MemoryLockLostError => {
  const reason = signal.reason as MemoryLockLostError
  if (thrown === undefined || thrown === reason) return reason
  return new MemoryLockLostError(reason.message, { sessionId: reason.sessionId, cause: thrown })
}

/** A lock that cannot be released ends by itself. Where others wait for it, this process lets them go ahead. */
const release = async (calls: LockCalls, turn: LockTurn): Promise<void> => {
  const released = await letGo((ms) => calls.release(ms), calls.ttl)
  turn.end(released?.awaited === true ? PAUSE_FOR_OTHERS : 0)
}
