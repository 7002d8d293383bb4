// The server of one test run, in a process beside the test runner. Says its address in one line of JSON, then waits
// for its input to end, which comes also when the test runner is killed. Fails when the tests left a key for ever.
import { once } from 'node:events'
import { expectNoImmortalKeys } from '../../lib/testing/expect-no-immortal-keys.js'
import { RealRedis } from '../../lib/testing/real-redis/real-redis.js'

const redis = await RealRedis.start()
process.stdout.write(`${JSON.stringify({ url: redis.url, announced: process.env['AGENT_MEMORY_TEST_ANNOUNCED'] })}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
try {
  if (redis.backend !== 'url') await expectNoImmortalKeys(redis)
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await redis.stop()
}
