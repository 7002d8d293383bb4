import { poll } from '../real-redis/poll.js'
import type { OwnNode } from './cluster-members.js'
import { SLOTS } from './slot-of.js'

const TIMEOUT_MS = 10_000

/** Makes nodes known to one another, without waiting for word to get round. */
export const introduce = async (node: OwnNode, others: readonly OwnNode[]): Promise<void> => {
  const admin = await node.member.admin()
  for (const { member, busPort } of others) await admin.call('CLUSTER', 'MEET', '127.0.0.1', member.plan.port, busPort)
}

const follow = async (replica: OwnNode, master: OwnNode): Promise<void> => {
  const admin = await replica.member.admin()
  const follows = await poll(
    () =>
      admin.cluster('REPLICATE', master.id).then(
        () => true,
        // It does not know the master yet.
        () => undefined,
      ),
    TIMEOUT_MS,
  )
  if (follows === undefined)
    throw new Error(`RealRedisCluster: ${replica.member.name} does not follow ${master.member.name}`)
}

/** Shares all slots out among the first so many nodes, and gives them the others as replicas, in turn. */
export const formCluster = async (nodes: readonly OwnNode[], masters: number): Promise<void> => {
  await Promise.all(
    nodes.map(async (node, index) => {
      const admin = await node.member.admin()
      // Nodes with the same one would first have to find out who gives way.
      await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', node.firstEpoch)
      if (index >= masters) return
      const from = Math.ceil((index * SLOTS) / masters)
      const to = Math.ceil(((index + 1) * SLOTS) / masters) - 1
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
    }),
  )
  await Promise.all(nodes.map((node, index) => introduce(node, nodes.slice(index + 1))))
  await Promise.all(
    nodes.slice(masters).map(async (replica, index) => {
      const master = nodes[index % masters]
      if (master !== undefined) await follow(replica, master)
    }),
  )
}
