import type { RealRedisVersion } from '../real-redis/real-redis-options.interface.js'

/** @publicApi */
export interface RealRedisSentinelOptions {
  /**
   * How many replicas the master has.
   *
   * @default 2
   */
  readonly replicas?: number
  /**
   * How many Sentinels watch it.
   *
   * @default 3
   */
  readonly sentinels?: number
  /**
   * How many Sentinels have to miss the master before it is taken for dead. Whom they elect then needs the majority of all.
   *
   * @default 2
   */
  readonly quorum?: number
  /**
   * Arguments for the master and each replica, as `['--min-replicas-to-write', '1']`.
   *
   * @default []
   */
  readonly args?: readonly string[]
  /**
   * Of the master and its replicas, for clients that name no user; without spaces, quotes and backslashes.
   *
   * @default none is asked for
   */
  readonly password?: string
  /**
   * Of the Sentinels; without spaces, quotes and backslashes.
   *
   * @default none is asked for
   */
  readonly sentinelPassword?: string
  /**
   * After how many milliseconds of silence a Sentinel misses a server (`down-after-milliseconds`). Sentinels ask once a second: with
   * less, they now and then take a new master for dead.
   *
   * @default 2000
   */
  readonly downAfter?: number
  /**
   * After how many milliseconds an attempt to fail over is given up; the next one comes after twice as many
   * (`failover-timeout`).
   *
   * @default 3000
   */
  readonly failoverTimeout?: number
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
}
