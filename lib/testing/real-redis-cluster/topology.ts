import { urlOf } from '../real-redis/server-plan.js'
import type { ClusterMembers } from './cluster-members.js'
import type { ClusterNode } from './cluster-node.interface.js'
import { covers, slotOf } from './slot-of.js'

/** The nodes as one of them sees them that is up. */
export const topologyOf = async (members: ClusterMembers): Promise<ClusterNode[]> => {
  const views = await members.views()
  return views.map(({ id, host, port, role, masterId, slots, failed }) => {
    return { host, port, url: urlOf({ port }), role, id, masterId, slots, failed }
  })
}

/** @throws Error when nobody has the slot of the key */
export const masterOf = async (members: ClusterMembers, key: string): Promise<ClusterNode> => {
  const slot = slotOf(key)
  const nodes = await topologyOf(members)
  const master = nodes.find(({ slots }) => covers(slots, slot))
  if (master === undefined) throw new Error(`RealRedisCluster: nobody has slot ${slot}`)
  return master
}
