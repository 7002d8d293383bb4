import type { RealRedisVersion } from '../real-redis/real-redis-options.interface.js'

/** @publicApi */
export interface RealRedisClusterOptions {
  /**
   * How many masters share the slots. Fewer than three elect nobody in the place of one that died.
   *
   * @default 3
   */
  readonly masters?: number
  /**
   * How many replicas each master has.
   *
   * @default 1
   */
  readonly replicas?: number
  /**
   * Arguments for each server, as `['--maxmemory', '8mb']`.
   *
   * @default []
   */
  readonly args?: readonly string[]
  /**
   * Where the servers run: processes of this machine, or a container, in which only what is done by commands can be done
   * to them.
   *
   * @default AGENT_MEMORY_TEST_BACKEND, else the first there is of `binary`, `docker`
   */
  readonly backend?: 'binary' | 'docker'
  /**
   * Takes servers of this version and no other; an error when it is not there.
   *
   * @default AGENT_MEMORY_TEST_REDIS_VERSION, else whichever there is
   */
  readonly version?: RealRedisVersion
  /**
   * After how many milliseconds of silence a node takes another one for dead (`cluster-node-timeout`).
   *
   * @default 1500
   */
  readonly nodeTimeout?: number
}
