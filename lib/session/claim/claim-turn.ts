import { MemoryError } from '../../errors/memory.error.js'
import { letGo } from '../lock/let-go.js'
import type { LockQueue, LockTurn } from '../lock/lock-queue.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { askForTurn, underWay } from './ask-for-turn.js'
import { ClaimCalls } from './claim-calls.js'
import type { Claimed, ClaimOptions } from './claim.interface.js'
import { HeldTurn } from './held-turn.js'

/**
 * Claims a turn before it is run, so that it is run once: by whoever claims it first. Others wait for its answer. Of a process
 * only one asks Redis at a time.
 *
 * @param records of the same session
 * @throws MemoryLockError when the turn is still under way after `wait` ms
 * @throws MemoryConflictError: OPERATION_REUSED when the key was used for another message, OPERATION_FORGOTTEN when the turn was
 *   kept, and its answer is not
 * @throws SessionNotFoundError, SessionDeletedError, MemoryFullError when the turn could not be kept
 * @throws the reason of the signal; MemoryCorruptError for an answer that cannot be read; MemoryError of the requests
 */
export const claimTurn = async <Answer>(
  store: SessionStore,
  records: SessionRecords,
  options: ClaimOptions,
): Promise<Claimed<Answer>> => {
  const { wait, signal } = options
  signal?.throwIfAborted()
  const calls = new ClaimCalls<Answer>(store, records, options)
  const since = performance.now()
  const turn = await enter(store.shared.locks, calls.key, wait, signal)
  if (turn === undefined) throw underWay(calls.sessionId)
  try {
    const asked = await askForTurn(calls, options, since)
    if ('sentAt' in asked) return { state: 'claimed', claim: new HeldTurn(calls, turn, asked.sentAt) }
    turn.end()
    return { state: 'answered', ...asked }
  } catch (error) {
    // Redis may have granted it without being heard, or to one who no longer waits. Who is next asks behind the release: nobody
    // runs the turn meanwhile, so nobody is told so.
    if (!(error instanceof MemoryError && error.executed === 'no')) void letGo((ms) => calls.release(ms), calls.ttl)
    turn.end()
    throw error
  }
}

/** Until it is this caller's turn to ask; `undefined` when that takes too long. */
const enter = (
  queue: LockQueue,
  key: string,
  wait: number,
  signal: AbortSignal | undefined,
): Promise<LockTurn | undefined> => {
  const entered = queue.enter(key, wait)
  if (signal === undefined) return entered
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      void entered.then(
        (turn) => turn?.end(),
        () => undefined,
      )
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', leave, { once: true })
    void entered.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
