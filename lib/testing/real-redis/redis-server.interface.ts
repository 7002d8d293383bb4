import type { RealRedisBackend } from './real-redis-options.interface.js'
import type { ServerProcess } from './server-process.interface.js'
import type { Certificates } from './tls/certificates.js'

/** A server that answers, whatever it runs in. */
export interface RedisServer {
  readonly backend: RealRedisBackend
  readonly url: string
  /** Absent where it has none. */
  readonly tls?: { readonly url: string; readonly certificates: Certificates }
  /** Absent where the server is no process of ours. */
  readonly process?: ServerProcess
  /** Ends what the backend started, and nothing else. */
  readonly stop: () => Promise<void>
}
