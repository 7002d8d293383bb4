import type { Cluster, Redis } from 'ioredis'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'

/**
 * Where a server listens.
 *
 * @publicApi
 */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/**
 * A Redis that an application is tested on, whatever it is made of: a RealRedis, a RealRedisCluster, a RealRedisSentinel, or
 * what `describeWithRedis` hands out.
 *
 * @publicApi
 */
export interface ReachableRedis {
  /** What `MemoryModule.forRoot` takes as `connection`. It can be written as JSON, for other processes. */
  readonly connection: ConnectionOptions
  /** A client that reaches all keys, for looking at what is stored; closed by `stop()`. */
  client(): Redis | Cluster
  /** Who takes writes now: each has keys that the others do not have. */
  masters(): Promise<readonly (ServerAddress & { readonly url: string })[]>
  /** All whom clients may be sent to. @internal */
  readonly servers: readonly ServerAddress[]
  /**
   * Called by `stop()` while the servers still answer; what is to be `'last'` comes after all others. Returns how to take
   * it back. @internal
   */
  beforeStop(close: () => Promise<void>, order?: 'first' | 'last'): () => void
}
