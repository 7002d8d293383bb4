import { announceOnce } from './real-redis/announce.js'
import { howToGet } from './real-redis/how-to-get-redis.js'
import { isRedisAvailable } from './real-redis/is-redis-available.js'
import type { RealRedisOptions } from './real-redis/real-redis-options.interface.js'
import { RealRedis } from './real-redis/real-redis.js'
import { labelOf } from './real-redis/server-version.js'
import type { TestRunner } from './runner/test-runner.interface.js'
import { testRunner } from './runner/use-test-runner.js'
import { readGroupUrl, readTopology } from './topology/environment.js'
import { GroupRedis } from './topology/group-redis.js'
import type { TestRedis } from './topology/test-redis.interface.js'
import type { Topology } from './topology/topology.js'

/** Long enough to pull an image for the first time. */
const START_TIMEOUT_MS = 200_000
const STOP_TIMEOUT_MS = 30_000

/** @publicApi */
export interface DescribeWithRedisOptions extends RealRedisOptions {
  /**
   * Why the suite is about one server, as 'it counts the connections of the server'. It gets a RealRedis then, and is skipped
   * where AGENT_MEMORY_TEST_TOPOLOGY asks for anything else, with this in its name.
   *
   * @default none: the suite runs on every topology
   */
  readonly standalone?: string
}

type Startable = Pick<TestRedis, 'stop'> & { start(): Promise<void> }

const describeRunning = (
  { describe, beforeAll, afterAll }: TestRunner,
  name: string,
  redis: Startable,
  body: () => void,
): void => {
  describe(name, () => {
    beforeAll(() => redis.start(), START_TIMEOUT_MS)
    // Jest runs afterAll hooks in their order, Vitest in the reverse order. With one before and one after the hooks of
    // the body, the later of the two comes after them in both.
    let earlier = true
    const stopAtTheEnd = async (): Promise<void> => {
      if (earlier) earlier = false
      else await redis.stop()
    }
    afterAll(stopAtTheEnd, STOP_TIMEOUT_MS)
    body()
    afterAll(stopAtTheEnd, STOP_TIMEOUT_MS)
  })
}

const isAvailable = (topology: Topology, options: RealRedisOptions): boolean =>
  (topology !== 'standalone' && readGroupUrl(topology) !== undefined) || isRedisAvailable(options)

/**
 * A suite on a real Redis: started before its tests, stopped after them. `body` gets the Redis; its address is known
 * inside hooks and tests, not yet while the suite is being collected. It is one server, or what AGENT_MEMORY_TEST_TOPOLOGY
 * says: `cluster`, `sentinel`.
 *
 * Without any server the suite is skipped, and says so in its name; so it is without one of `options.version`. With a
 * backend asked for by AGENT_MEMORY_TEST_BACKEND or `options`, or a version by AGENT_MEMORY_TEST_REDIS_VERSION, it fails
 * instead: who asks for one wants the tests to run.
 *
 * @publicApi
 */
export function describeWithRedis(
  name: string,
  body: (redis: RealRedis) => void,
  options: DescribeWithRedisOptions & Required<Pick<DescribeWithRedisOptions, 'standalone'>>,
): void
export function describeWithRedis(
  name: string,
  body: (redis: TestRedis) => void,
  options?: Omit<DescribeWithRedisOptions, 'standalone'>,
): void
export function describeWithRedis(
  name: string,
  body: (redis: RealRedis & TestRedis) => void,
  { standalone, ...options }: DescribeWithRedisOptions = {},
): void {
  const runner = testRunner()
  const topology = readTopology()
  if (topology !== 'standalone' && standalone !== undefined) {
    runner.describe.skip(`${name} [skipped, ${topology}: ${standalone}]`, () => body(new RealRedis(options)))
    return
  }
  const redis = topology === 'standalone' ? new RealRedis(options) : new GroupRedis(topology, options)
  const suite = (): void => body(redis as RealRedis)
  if (isAvailable(topology, options)) {
    describeRunning(runner, name, redis, suite)
    return
  }
  const missing = labelOf(options.version)
  const how = howToGet(options.version)
  announceOnce(`no ${missing}`, `no ${missing} to test against, suites are skipped. To run them, ${how}.`)
  runner.describe.skip(`${name} [skipped, no ${missing}: ${how}]`, suite)
}
