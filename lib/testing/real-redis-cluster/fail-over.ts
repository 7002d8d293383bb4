import { setTimeout } from 'node:timers/promises'
import { faultOf } from '../real-redis/controls/faults.js'
import { poll } from '../real-redis/poll.js'
import { servedReplicas } from '../server-set/served-replicas.js'
import type { ClusterMembers, OwnNode } from './cluster-members.js'
import type { ClusterNode } from './cluster-node.interface.js'
import type { NodeFault } from './node-fault.interface.js'

const TIMEOUT_MS = 20_000
/** Redis does after five seconds. */
const GIVES_UP_AFTER_MS = 6_000

/** Whether all know that one is master, and the other one follows it. */
const isDone = async (members: ClusterMembers, master: OwnNode, former: OwnNode): Promise<boolean> => {
  const views = await members.onLive((_, node) => members.views(node))
  const known = views.every((nodes) => nodes.some(({ id, masterId }) => id === former.id && masterId === master.id))
  return known && (await servedReplicas(await master.member.admin())).includes(former.member.plan.port)
}

/** Whether a node is master by an election. */
const wasElected = async (members: ClusterMembers, { id, firstEpoch }: OwnNode): Promise<boolean> =>
  (await members.views()).some((view) => view.id === id && view.epoch > firstEpoch)

/**
 * A node that was elected, and follows another one soon after, counts its old votes when that one dies: it takes itself
 * for the successor, of which nobody else hears, and the cluster stays without one. Waits until it no longer does.
 */
const untilVotesExpire = async ({ nodeTimeout }: ClusterMembers): Promise<void> => {
  // Part of the time for which votes count passes before anybody is taken for dead.
  await setTimeout(Math.max(2 * nodeTimeout, 2_000) - nodeTimeout)
}

/** Has a replica ask its master for its place, and waits until it has it, or has given up. */
const attempt = async (members: ClusterMembers, master: OwnNode, former: OwnNode): Promise<true | undefined> => {
  const admin = await master.member.admin()
  const accepted = await admin.cluster('FAILOVER').then(
    () => true,
    // It is not connected to its master yet.
    () => false,
  )
  if (!accepted) return undefined
  return await poll(async () => ((await isDone(members, master, former)) ? true : undefined), GIVES_UP_AFTER_MS)
}

/** Has a replica take the place of its master, with the consent of it. */
const takeOver = async (members: ClusterMembers, master: OwnNode, former: OwnNode): Promise<void> => {
  const elected = await wasElected(members, former)
  const done = await poll(() => attempt(members, master, former), TIMEOUT_MS)
  if (done === undefined)
    throw new Error(`RealRedisCluster.failover(): ${master.member.name} did not become master within ${TIMEOUT_MS} ms`)
  if (elected) await untilVotesExpire(members)
}

/** A replica that is up. */
const replicaOf = async (members: ClusterMembers, master: OwnNode): Promise<OwnNode | undefined> => {
  const views = await members.views()
  const replicas = new Set(views.filter(({ masterId }) => masterId === master.id).map(({ id }) => id))
  return members.live().find(({ id }) => replicas.has(id))
}

/** @throws Error when the master has no replica that is up */
export const failOver = async (members: ClusterMembers, node: ClusterNode): Promise<NodeFault> => {
  const former = members.get(node)
  const replica = await replicaOf(members, former)
  if (replica === undefined)
    throw new Error(`RealRedisCluster.failover(): ${former.member.name} has no replica that is up`)
  await takeOver(members, replica, former)
  return { ...faultOf(() => takeOver(members, former, replica)), node }
}
