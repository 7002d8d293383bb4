import type { Redis } from 'ioredis'
import { RealRedisCluster } from '../../../../lib/testing/real-redis-cluster/real-redis-cluster.js'
import { RealRedisSentinel } from '../../../../lib/testing/real-redis-sentinel/real-redis-sentinel.js'

const placeOf = async (client: Redis): Promise<object> => {
  const folder = String(Object(await client.config('GET', 'dir'))[1])
  const processId = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1])
  client.disconnect()
  return { folder, processId }
}

/** Starts a cluster and a Sentinel set. @returns where their servers live */
export const startSets = async (): Promise<object[]> => {
  const [cluster, set] = await Promise.all([
    RealRedisCluster.start({ backend: 'binary', masters: 1, replicas: 1 }),
    RealRedisSentinel.start({ backend: 'binary', replicas: 1, sentinels: 1, quorum: 1 }),
  ])
  const watched = [await set.master(), ...(await set.replicas())]
  return await Promise.all([
    ...cluster.nodes.map((node) => placeOf(cluster.nodeClient(node))),
    ...watched.map((server) => placeOf(set.serverClient(server))),
  ])
}
