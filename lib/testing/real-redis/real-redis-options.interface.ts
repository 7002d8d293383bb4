/**
 * Where a real Redis comes from: a URL in the environment, Docker through Testcontainers, or a redis-server binary.
 *
 * @publicApi
 */
export type RealRedisBackend = 'url' | 'docker' | 'binary'

/** @publicApi */
export interface RealRedisOptions {
  /**
   * Takes this backend and no other; an error when it is not there.
   *
   * @default AGENT_MEMORY_TEST_BACKEND, else the first there is of `url`, `docker`, `binary`
   */
  readonly backend?: RealRedisBackend
  /**
   * Arguments for the server, as `['--maxmemory', '8mb']`. Refused with the `url` backend, whose server is not ours.
   *
   * @default []
   */
  readonly args?: readonly string[]
}
