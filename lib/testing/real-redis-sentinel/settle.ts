import type { Member } from '../server-set/member.js'
import { servedReplicas } from '../server-set/served-replicas.js'
import { untilWell } from '../server-set/until-well.js'
import { masterPort, type SentinelMembers, type SentinelView } from './sentinel-members.js'
import { NAME } from './sentinel-plans.js'

/** Why what a Sentinel sees is not as it should be. */
const ofView = (view: SentinelView, { watched, sentinels }: SentinelMembers): string[] => {
  const problems: string[] = []
  const flags = view.master.get('flags')
  if (flags !== 'master') problems.push(`Sentinel ${view.name} takes the master for ${flags}`)
  if (view.master.get('num-other-sentinels') !== String(sentinels.length - 1))
    problems.push(`Sentinel ${view.name} does not know all others`)
  for (const { live, name, plan } of watched) {
    if (!live || plan.port === masterPort(view)) continue
    const replica = view.replicas.find((fields) => fields.get('port') === String(plan.port))
    const seen = replica?.get('flags') ?? 'nobody it knows'
    if (seen !== 'slave') problems.push(`Sentinel ${view.name} takes ${name} for ${seen}`)
  }
  return problems
}

/** Why servers are not as the Sentinels want them. */
const ofServers = async ({ watched }: SentinelMembers, master: Member): Promise<string[]> => {
  const admin = await master.admin()
  if (!(await admin.info('replication')).includes('role:master')) return [`${master.name} is not master`]
  const served = await servedReplicas(admin)
  return watched
    .filter(({ live, plan }) => live && plan.port !== master.plan.port && !served.includes(plan.port))
    .map(({ name }) => `${name} is not connected to the master`)
}

const problemsOf = async (members: SentinelMembers): Promise<string[]> => {
  const views = await members.views()
  const masters = new Set(views.map(masterPort))
  const [port] = masters
  if (port === undefined) return ['no Sentinel is up']
  const problems = views.flatMap((view) => ofView(view, members))
  if (masters.size > 1) problems.push('the Sentinels do not agree on who is master')
  const master = members.at(port)
  if (master?.live === true) problems.push(...(await ofServers(members, master)))
  else problems.push(`the master is 127.0.0.1:${port}, which is away`)
  if (views.length < members.needed) problems.push(`${views.length} Sentinels are up, and ${members.needed} are needed`)
  // Whether they know of one another that they are there.
  const quorum = await members.onSentinels((admin) =>
    admin.call('SENTINEL', 'CKQUORUM', NAME).then(
      () => [],
      (error: Error) => [error.message],
    ),
  )
  return [...problems, ...quorum.flat()]
}

/** @throws Error with what is not as it should be, when the time is over */
export const settle = (members: SentinelMembers, timeoutMs: number): Promise<void> =>
  untilWell('RealRedisSentinel.settled', () => problemsOf(members), timeoutMs)
