import type { RealRedisBackend } from './real-redis-options.interface.js'

/** A server that answers, whatever it runs in. */
export interface RedisServer {
  readonly backend: RealRedisBackend
  readonly url: string
  /** Absent where the backend cannot do it. */
  readonly restart?: (options: { readonly keepData: boolean }) => Promise<void>
  /** Ends what the backend started, and nothing else. */
  readonly stop: () => Promise<void>
}
