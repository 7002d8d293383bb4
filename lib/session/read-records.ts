import type { ReadOptions } from '../model/read-options.interface.js'
import type { Deadline } from '../redis/deadline.js'
import { readScript } from '../redis/scripts/scripts.generated.js'
import type { HeldBytes } from '../resilience/in-flight.js'
import { readSlices } from './read-slices.js'
import { askReplica } from './ask-replica.js'
import type { SessionStore } from './session-store.js'
import type { FoundRecords, NoSession, WindowRequest } from './window-request.interface.js'

/** Bytes of records after which an answer ends: some milliseconds of the server's time, and of this process's. */
const SLICE_BYTES = 1_048_576

/**
 * Where an answer may come from. `any`: while Redis is away, also from what this process saw last, if the options say so.
 * `replica`: the same, and from a replica before anything else. `fresh`: from Redis, with what this process wrote. `redis`: as it
 * stands, for a write whose turn it is.
 */
export type ReadFrom = 'any' | 'replica' | 'fresh' | 'redis'

/** What the option of a call means. */
export const readFromOf = (options: ReadOptions | undefined): ReadFrom =>
  options?.readFrom === 'replica' ? 'replica' : 'any'

const readReplica = (
  store: SessionStore,
  request: WindowRequest,
  deadline: Deadline,
  held: HeldBytes,
): Promise<FoundRecords | undefined> =>
  askReplica(store, deadline, async (ask, within) => {
    try {
      const found = await readSlices(request, {
        read: (args) => ask(readScript, args),
        bytes: SLICE_BYTES,
        held,
        deadline: within,
        sessionId: store.target.id,
      })
      return 'none' in found ? undefined : { ...found, ofReplica: true }
    } catch (error) {
      held.letGo()
      throw error
    }
  })

/**
 * @param held what it holds of the records, until the caller has done with them
 * @throws MemoryError
 */
export const readRecords = async (
  store: SessionStore,
  request: WindowRequest,
  ttl: number,
  deadline: Deadline,
  held: HeldBytes,
  from: ReadFrom = 'fresh',
): Promise<FoundRecords | NoSession> => {
  const { target } = store
  const { outage } = store.shared
  try {
    const seen = from === 'replica' ? await readReplica(store, request, deadline, held) : undefined
    if (seen !== undefined) return seen
    const behind = from === 'redis' ? undefined : store.catchUp(deadline)
    if (behind !== undefined) await behind
    const found = await readSlices(request, {
      read: (args) => store.read(readScript, ttl, args, deadline),
      bytes: SLICE_BYTES,
      held,
      deadline,
      sessionId: target.id,
    })
    if ('none' in found) store.taughtCache?.forget(target.key)
    else store.taughtCache?.sawRead(target.key, target.userId, request, found)
    return found
  } catch (error) {
    if (from !== 'any' && from !== 'replica') throw error
    return outage.answer(error, target, request)
  }
}
