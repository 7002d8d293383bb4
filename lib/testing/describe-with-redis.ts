import { announceOnce } from './real-redis/announce.js'
import { howToGet } from './real-redis/how-to-get-redis.js'
import { isRedisAvailable } from './real-redis/is-redis-available.js'
import type { RealRedisOptions } from './real-redis/real-redis-options.interface.js'
import { RealRedis } from './real-redis/real-redis.js'
import { labelOf } from './real-redis/server-version.js'
import { testRunner } from './runner/use-test-runner.js'

/** Long enough to pull an image for the first time. */
const START_TIMEOUT_MS = 200_000
const STOP_TIMEOUT_MS = 30_000

/**
 * A suite on a real Redis: started before its tests, stopped after them. `body` gets the server; its address is known
 * inside hooks and tests, not yet while the suite is being collected.
 *
 * Without any server the suite is skipped, and says so in its name; so it is without one of `options.version`. With a
 * backend asked for by AGENT_MEMORY_TEST_BACKEND or `options`, or a version by AGENT_MEMORY_TEST_REDIS_VERSION, it fails
 * instead: who asks for one wants the tests to run.
 *
 * @publicApi
 */
export const describeWithRedis = (
  name: string,
  body: (redis: RealRedis) => void,
  options: RealRedisOptions = {},
): void => {
  const { describe, beforeAll, afterAll } = testRunner()
  const redis = new RealRedis(options)
  if (!isRedisAvailable(options)) {
    const missing = labelOf(options.version)
    const how = howToGet(options.version)
    announceOnce(`no ${missing}`, `no ${missing} to test against, suites are skipped. To run them, ${how}.`)
    describe.skip(`${name} [skipped, no ${missing}: ${how}]`, () => body(redis))
    return
  }
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
    body(redis)
    afterAll(stopAtTheEnd, STOP_TIMEOUT_MS)
  })
}
