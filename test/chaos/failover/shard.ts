import { sessionKey } from '../../../lib/redis/keys.js'
import { covers, slotOf } from '../../../lib/testing/real-redis-cluster/slot-of.js'

/** The slots that one master has when a run begins. One server has them all. */
export interface Shard {
  readonly name: string
  readonly slots: readonly (readonly [from: number, to: number])[]
}

const MAX_TRIES = 1_000_000

export const slotOfSession = (namespace: string, sessionId: string): number =>
  slotOf(sessionKey({ namespace, tenant: undefined, sessionId }))

/** The name of a session, made of this one, whose slot is as wanted. */
export const sessionWhere = (namespace: string, name: string, fits: (slot: number) => boolean): string => {
  for (let number = 0; number < MAX_TRIES; number++) {
    const session = `${name}-${number}`
    if (fits(slotOfSession(namespace, session))) return session
  }
  throw new Error(`no session "${name}-…" was found on the slots that are wanted`)
}

export const sessionOnShard = (namespace: string, name: string, { slots }: Shard): string =>
  sessionWhere(namespace, name, (slot) => covers(slots, slot))
