import type { EvictionPolicy, FilledServer, FillOptions } from '../real-redis/controls/fill.js'
import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import type { RealRedisBackend } from '../real-redis/real-redis-options.interface.js'
import type { ReachableRedis } from './reachable-redis.interface.js'
import type { Topology } from './topology.js'

/**
 * What a suite is run on: a RealRedis, or, as AGENT_MEMORY_TEST_TOPOLOGY asks for, a cluster or a master with replicas that
 * Sentinels watch. What is done to it is done to each server that takes writes, so that it means the same to a client; it
 * needs servers of `{ backend: 'binary' }`. Nobody fails over meanwhile: for what happens then there are RealRedisCluster and
 * RealRedisSentinel.
 *
 * @publicApi
 */
export interface TestRedis extends ReachableRedis, AsyncDisposable {
  readonly topology: Topology
  readonly backend: RealRedisBackend
  readonly product: 'redis' | 'valkey'
  /** As `7.0.15`. */
  readonly version: string
  restart(options: { readonly keepData: boolean }): Promise<void>
  pause(): Promise<ServerFault>
  resume(): Promise<void>
  kill(): Promise<ServerFault>
  save(): Promise<void>
  fill(policy: EvictionPolicy, options?: FillOptions): Promise<FilledServer>
  misconf(): Promise<ServerFault>
  busy(): Promise<ServerFault>
  maxClients(count: number): Promise<ServerFault>
  noReplicas(): Promise<ServerFault>
  scriptFlush(): Promise<void>
  /** Takes back what was done, closes what was opened on it, then ends what was started here. May be called again. */
  stop(): Promise<void>
}
