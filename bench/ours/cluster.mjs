import { Cluster } from 'ioredis'
import { ours } from './memory.mjs'

/** On a cluster of three masters, which share the two cores with everything else. */
export const open = async ({ nodes }) => {
  const admin = new Cluster(nodes)
  const memory = await ours({ connection: { cluster: { nodes } } }, admin)
  return {
    ...memory,
    async close() {
      await memory.close()
      admin.disconnect()
    },
  }
}
