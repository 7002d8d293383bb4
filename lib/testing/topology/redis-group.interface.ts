import type { RealRedisBackend } from '../real-redis/real-redis-options.interface.js'
import type { Member } from '../server-set/member.js'
import type { ReachableRedis } from './reachable-redis.interface.js'

/** A server that takes writes. */
export interface GroupMaster {
  readonly member: Member
  /** Keys with this in their names are its keys. */
  readonly tag: string
}

/** Servers that belong together, ours or somebody else's. */
export interface RedisGroup extends ReachableRedis {
  readonly backend: RealRedisBackend
  readonly product: 'redis' | 'valkey'
  readonly version: string
  /** @throws Error where they are not ours */
  groupMasters(method: string): Promise<readonly GroupMaster[]>
  settled(): Promise<void>
  stop(): Promise<void>
}
