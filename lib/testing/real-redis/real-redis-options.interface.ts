import type { RealRedisTlsOptions } from './tls/tls-options.interface.js'

/**
 * Where a real Redis comes from: a URL in the environment, Docker through Testcontainers, or a redis-server binary.
 *
 * @publicApi
 */
export type RealRedisBackend = 'url' | 'docker' | 'binary'

/**
 * What a real Redis is: Redis 7, Redis 8 or Valkey 8, of any minor version.
 *
 * @publicApi
 */
export type RealRedisVersion = '7' | '8' | 'valkey8'

/** @publicApi */
export interface RealRedisOptions {
  /**
   * Takes this backend and no other; an error when it is not there.
   *
   * @default AGENT_MEMORY_TEST_BACKEND, else the first there is of `url`, `docker`, `binary`
   */
  readonly backend?: RealRedisBackend
  /**
   * Takes a server of this version and no other; an error when it is not there.
   *
   * @default AGENT_MEMORY_TEST_REDIS_VERSION, else whichever there is
   */
  readonly version?: RealRedisVersion
  /**
   * Arguments for the server, as `['--maxmemory', '8mb']`. Refused with the `url` backend, whose server is not ours.
   *
   * @default []
   */
  readonly args?: readonly string[]
  /**
   * A server with TLS: `url`, `host` and `port` are those of its port with TLS, and `tls` is what a client needs. Its
   * certificates are made when it starts, with the command openssl. Needs the backend `binary`, which is taken then.
   *
   * @default false
   */
  readonly tls?: boolean | RealRedisTlsOptions
}
