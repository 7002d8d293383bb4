import { poll } from '../real-redis/poll.js'
import { requireOwn } from '../server-set/require-own.js'
import type { ClusterMembers, OwnNode } from './cluster-members.js'
import type { ClusterNode } from './cluster-node.interface.js'
import { introduce } from './form-cluster.js'
import { topologyOf } from './topology.js'

const TIMEOUT_MS = 10_000

/** Starts one more node, a master without slots, and makes it known to all. */
export const addNode = async (members: ClusterMembers): Promise<OwnNode> => {
  requireOwn(members.set, 'RealRedisCluster.addNode')
  const others = members.live()
  const [node] = await members.start(1)
  if (node === undefined) throw new Error('RealRedisCluster.addNode(): no server was started')
  await introduce(node, others)
  return node
}

/** Has all others forget a node, and ends it. @throws Error when it has slots or replicas */
export const removeNode = async (members: ClusterMembers, { id }: Pick<ClusterNode, 'id'>): Promise<void> => {
  requireOwn(members.set, 'RealRedisCluster.removeNode')
  const node = members.get({ id })
  const nodes = await topologyOf(members)
  const method = 'RealRedisCluster.removeNode()'
  const has = [
    ...(nodes.some((other) => other.id === id && other.slots.length > 0) ? ['slots, which reshard() moves'] : []),
    ...(nodes.some(({ masterId }) => masterId === id) ? ['replicas'] : []),
  ]
  if (has.length > 0) throw new Error(`${method}: ${node.member.name} still has ${has.join(', and ')}`)
  await members.end(node)
  await members.onLive((admin) => admin.call('CLUSTER', 'FORGET', id))
  const forgotten = await poll(async () => {
    const views = await members.onLive((_, other) => members.views(other))
    return views.flat().some((view) => view.id === id) ? undefined : true
  }, TIMEOUT_MS)
  if (forgotten === undefined) throw new Error(`${method}: not all forgot ${node.member.name}`)
}
