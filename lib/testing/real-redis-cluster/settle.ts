import { servedReplicas } from '../server-set/served-replicas.js'
import { untilWell } from '../server-set/until-well.js'
import type { ClusterMembers } from './cluster-members.js'
import { parseNodes } from './node-view.js'
import { unsettled, type NodeReport } from './unsettled.js'

const report = (members: ClusterMembers): Promise<NodeReport[]> =>
  members.onLive(async (admin, { id, member }) => {
    const [info, nodes, replication] = await Promise.all([
      admin.cluster('INFO'),
      admin.cluster('NODES'),
      admin.info('replication'),
    ])
    const isMaster = replication.includes('role:master')
    return {
      id,
      name: member.name,
      state: /^cluster_state:(\w+)/m.exec(info)?.[1] ?? 'unknown',
      nodes: parseNodes(String(nodes)),
      serves: isMaster ? await servedReplicas(admin) : [],
    }
  })

/** @throws Error with what is not as it should be, when the time is over */
export const settle = (members: ClusterMembers, timeoutMs: number): Promise<void> =>
  untilWell('RealRedisCluster.settled', async () => unsettled(await report(members)), timeoutMs)
