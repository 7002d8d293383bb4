import { MemoryOverloadedError } from '../errors/memory-overloaded.error.js'
import { currentOperation } from '../observability/observed-operation.js'
import { weighing } from '../observability/payload-bytes.js'
import type { CallDetails } from '../redis/classify-error.js'
import { Deadline } from '../redis/deadline.js'
import type { ScriptReply } from '../redis/run-script.js'
import type { Script } from '../redis/scripts/script.interface.js'
import type { SessionStore } from './session-store.js'

/** The part of a call's time in which a replica has to answer: the rest is left for the master. */
const TIME_FOR_REPLICA = 0.25
/** A read of a replica is no use of the session. */
const NO_USE = 0

type Arguments = readonly (string | number)[]

/** Runs a script that only reads on the session's key, with the arguments that all reads have before its own. */
export type Ask = (script: Script, args: Arguments) => Promise<ScriptReply>

/**
 * Reads from a replica. What it answers is told to nobody but the caller: it may be older than what this process knows, and is
 * no ground for anything. There is one attempt, and no breaker.
 *
 * @param read answers `undefined` when the replica has no such session: it may have nothing yet
 * @returns `undefined` when the master is to be asked
 * @throws MemoryOverloadedError
 */
export const askReplica = async <T>(
  store: SessionStore,
  deadline: Deadline,
  read: (ask: Ask, within: Deadline) => Promise<T | undefined>,
): Promise<T | undefined> => {
  const { resilience } = store.shared
  const { key, id: sessionId, userId } = store.target
  // What this process has to make first, as writes that wait in the journal, would be missing.
  const replica = store.isToCatchUp ? undefined : resilience.connection.replicas.of(key)
  if (replica === undefined) return undefined
  const within = new Deadline(Math.min(deadline.ms * TIME_FOR_REPLICA, deadline.remaining))
  const operation = currentOperation()
  const ask: Ask = (script, own) => {
    const args: Arguments = [NO_USE, userId ?? '', ...own]
    const send = (sent: () => Arguments): Promise<ScriptReply> => replica(script, sent(), within)
    return operation === undefined ? send(() => args) : weighing(operation, () => args, send)
  }
  const details: CallDetails = { kind: 'read', sessionId }
  try {
    const found = await resilience.beside(details, () => read(ask, within))
    if (operation !== undefined) operation.ofReplica = found !== undefined
    return found
  } catch (error) {
    if (error instanceof MemoryOverloadedError) throw error
    return undefined
  }
}
