import { Cluster, Redis } from 'ioredis'
import type { ConnectionOptions } from 'nestjs-agent-memory'

/** A plain client of what a TestRedis or a FaultProxy says of how it is reached. */
export const clientOf = (connection: ConnectionOptions): Redis | Cluster => {
  if ('cluster' in connection) return new Cluster([...connection.cluster.nodes], connection.cluster.options)
  if ('sentinel' in connection)
    return new Redis({ ...connection.sentinel, sentinels: [...connection.sentinel.sentinels] })
  if ('url' in connection) return new Redis(connection.url)
  throw new TypeError('a connection with a URL, a cluster or Sentinels is needed')
}
