import { cutMemberOff } from '../server-set/member-faults.js'
import type { ClusterMembers } from './cluster-members.js'
import type { ClusterNode } from './cluster-node.interface.js'
import type { NodeFault } from './node-fault.interface.js'
import { topologyOf } from './topology.js'

/** Cuts a node off from the others: on the port for commands, and on the bus. */
export const partition = async (
  members: ClusterMembers,
  { id }: Pick<ClusterNode, 'id'>,
  method: string,
): Promise<NodeFault> => {
  const { member } = members.get({ id })
  const node = (await topologyOf(members)).find((one) => one.id === id)
  if (node === undefined) throw new Error(`${method}(): the others do not know ${member.name}`)
  const cut = await cutMemberOff(member, method)
  const peer = member.plan.peer ?? ''
  const fault = members.set.faults.add(async () => {
    await cut.restore()
    await members.bus?.release(peer)
  })
  await members.bus?.hold(peer)
  return { ...fault, node }
}
