import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import { AgainInOrderError, NodeAwaitedError } from '../redis/again-in-order.error.js'
import type { CallDetails } from '../redis/classify-error.js'
import { DeadlineExceeded, type Deadline } from '../redis/deadline.js'
import type { Attempt } from '../resilience/resilience.js'
import type { SessionStore } from './session-store.js'
import { Overtaken, type InOrder } from './write-order.js'

/** A script may be lost again before it is run, and one server be followed by another. */
const MOST_TIMES = 3

/**
 * Runs the attempts of a write in the order of the calls of this process (see WriteOrder).
 *
 * @param bytes that the call holds
 * @param alone no other write to the session begins before this one has settled
 * @param otherwise what to do when all of them failed; gets what runs it in the order of the calls, where that matters
 * @throws MemoryError
 */
export const attemptsInOrder = <T>(
  { shared: { resilience, order }, target }: SessionStore,
  operationId: string,
  deadline: Deadline,
  bytes: number,
  alone: boolean,
  write: (earlier: Attempt) => Promise<T>,
  otherwise: (error: unknown, inOrder: InOrder) => Promise<T>,
): Promise<T> => {
  const ids = { sessionId: target.id, operationId }
  const details: CallDetails = { kind: 'write', ...ids }
  const place = order.join(target.key, alone)
  const outOfOrder = (error: unknown): unknown => {
    if (error instanceof Overtaken) {
      const message = 'a later write to the session was made meanwhile; this one was not repeated, to keep their order'
      return new MemoryUnavailableError(message, 'no', { ...ids, cause: error })
    }
    if (!(error instanceof DeadlineExceeded)) return error
    // An earlier write waits for a connection, and this one with it.
    const outage = resilience.connection.outage(deadline, ids)
    return outage ?? new MemoryTimeoutError(`other writes to the session gave ${error.message}`, 'no', ids)
  }
  /** Made again, in its place, when what stood in its way is gone. */
  const attempt = (earlier: Attempt, times = 1): Promise<T> =>
    place
      .attempt(() => write(earlier), deadline)
      .catch((error: unknown) => {
        if (!(error instanceof AgainInOrderError)) throw outOfOrder(error)
        // For a node it was waited, which has its own end.
        const next = error instanceof NodeAwaitedError ? times : times + 1
        if (next > MOST_TIMES) throw error
        return attempt(earlier, next)
      })
  const inPlace = async (error: unknown): Promise<T> => {
    try {
      return await otherwise(error, (keep) => place.keep(keep))
    } catch (failure) {
      throw failure instanceof Overtaken ? error : failure
    }
  }
  // Not before: nothing that was called later is sent while this is kept elsewhere.
  const leave = (): void => place.leave()
  return resilience.call(details, deadline, bytes, attempt, inPlace, leave)
}
