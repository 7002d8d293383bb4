import { poll } from '../real-redis/poll.js'
import type { Member } from '../server-set/member.js'
import { masterPort, type SentinelMembers } from './sentinel-members.js'
import { NAME } from './sentinel-plans.js'

const TIMEOUT_MS = 30_000

const ask = async (members: SentinelMembers): Promise<boolean> => {
  const [first] = await members.onSentinels((admin) => Promise.resolve(admin))
  if (first === undefined) throw new Error('RealRedisSentinel.failover(): no Sentinel is up')
  return await first.call('SENTINEL', 'FAILOVER', NAME).then(
    () => true,
    // No replica is good enough yet.
    () => false,
  )
}

/** Whether all Sentinels have the same master, another one than before, and it knows. */
const isDone = async (members: SentinelMembers, former: Member): Promise<true | undefined> => {
  const masters = new Set((await members.views()).map(masterPort))
  const [port = 0] = masters
  const master = members.at(port)
  if (masters.size !== 1 || master === undefined || master === former) return undefined
  const replication = await (await master.admin()).info('replication')
  return replication.includes('role:master') ? true : undefined
}

/** Asks for it, and waits until it is done, or was given up. */
const attempt = async (members: SentinelMembers, former: Member): Promise<true | undefined> =>
  (await ask(members)) ? await poll(() => isDone(members, former), 2 * members.failoverTimeout) : undefined

/** Has the Sentinels put a replica in the place of a master that is well. */
export const failOver = async (members: SentinelMembers, former: Member): Promise<void> => {
  const done = await poll(() => attempt(members, former), TIMEOUT_MS)
  if (done === undefined)
    throw new Error(`RealRedisSentinel.failover(): no replica took the place of ${former.name} within ${TIMEOUT_MS} ms`)
}
