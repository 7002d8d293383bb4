import { changeSettings } from '../real-redis/controls/settings.js'
import { poll } from '../real-redis/poll.js'
import type { Member } from '../server-set/member.js'
import { failOver } from './fail-over.js'
import { masterPort, type SentinelMembers } from './sentinel-members.js'
import { settle } from './settle.js'

const TIMEOUT_MS = 20_000
const HURRIED_MS = 100

type Period = 'info-period' | 'publish-period'

/** Does something while the Sentinels ask and tell more often than they do, on which else half a minute would go by. */
const inAHurry = async (
  members: SentinelMembers,
  periods: readonly Period[],
  work: () => Promise<void>,
): Promise<void> => {
  const [answer] = await members.onSentinels((admin) => admin.call('SENTINEL', 'DEBUG'))
  const flat = Array.isArray(answer) ? answer.map((text) => String(text).toLowerCase()) : []
  const setAll = async (valueOf: (period: Period) => string): Promise<void> => {
    const values = periods.flatMap((period) => [period, valueOf(period)])
    await members.onSentinels((admin) => admin.call('SENTINEL', 'DEBUG', ...values))
  }
  await setAll(() => String(HURRIED_MS))
  try {
    await work()
  } finally {
    await setAll((period) => flat[flat.indexOf(period) + 1] ?? '')
  }
}

/** Resolves when all is well, and former masters have been told that they are none. */
const settleInAHurry = (members: SentinelMembers): Promise<void> =>
  inAHurry(members, ['info-period', 'publish-period'], () => settle(members, TIMEOUT_MS))

/** Waits until the Sentinels know that nobody is to be elected but one. */
const untilKnown = async (members: SentinelMembers, { plan }: Member): Promise<void> => {
  const known = await poll(async () => {
    const replicas = (await members.views()).flatMap((view) => view.replicas)
    const told = replicas.every(
      (replica) => (replica.get('slave-priority') === '0') === (replica.get('port') !== String(plan.port)),
    )
    return told ? true : undefined
  }, TIMEOUT_MS)
  if (known === undefined) throw new Error('RealRedisSentinel.failover(): the Sentinels do not hear from the replicas')
}

/** Makes a former master master again: nobody else may be elected meanwhile. */
export const handBack = async (members: SentinelMembers, former: Member): Promise<void> => {
  await settleInAHurry(members)
  const current = members.at(masterPort(await members.view()))
  if (current === undefined || current === former) return
  const others = members.watched.filter((member) => member.live && member !== former)
  const setPriority = async (priority: number): Promise<void> => {
    for (const { admin } of others) await changeSettings(await admin(), { 'replica-priority': priority })
  }
  await setPriority(0)
  // Not those in which a Sentinel takes a new master for a replica gone wrong: it would put it right.
  await inAHurry(members, ['info-period'], () => untilKnown(members, former))
  await failOver(members, current)
  await setPriority(100)
  await settleInAHurry(members)
}
