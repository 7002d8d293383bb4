import { RealRedisCluster } from '../real-redis-cluster/real-redis-cluster.js'
import { RealRedisSentinel } from '../real-redis-sentinel/real-redis-sentinel.js'
import { BACKEND_VARIABLE, readRedisEnvironment } from '../real-redis/environment.js'
import type { RealRedisOptions } from '../real-redis/real-redis-options.interface.js'
import { readGroupUrl, URL_VARIABLES } from './environment.js'
import { GroupAtUrl } from './group-at-url.js'
import type { RedisGroup } from './redis-group.interface.js'
import type { Topology } from './topology.js'

/** So long nobody takes another one's place: what a suite does to servers is about them, and not about a failover. */
const PATIENCE_MS = 60_000

/** The servers of the backend that is asked for, or those in the environment, or some of our own. */
export const startGroup = async (
  topology: Exclude<Topology, 'standalone'>,
  options: RealRedisOptions,
): Promise<RedisGroup> => {
  const backend = options.backend ?? readRedisEnvironment().backend
  const args = options.args ?? []
  const url = readGroupUrl(topology)
  const anyOne = options.backend === undefined && options.version === undefined
  if (backend === 'url' || (anyOne && url !== undefined)) {
    if (url === undefined) throw new Error(`${BACKEND_VARIABLE}=url needs ${URL_VARIABLES[topology]}`)
    if (args.length > 0)
      throw new Error(
        `arguments cannot be given to the servers in ${URL_VARIABLES[topology]}: { backend: 'binary' } starts others`,
      )
    return await GroupAtUrl.open(topology, url)
  }
  if (topology === 'cluster') return await RealRedisCluster.start({ ...options, backend, nodeTimeout: PATIENCE_MS })
  return await RealRedisSentinel.start({ ...options, backend, downAfter: PATIENCE_MS })
}
