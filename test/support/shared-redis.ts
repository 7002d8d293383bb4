// What one test run is run on, in a process beside the test runner. Says in one line of JSON what its workers are to have in
// their environment, then waits for its input to end, which comes also when the test runner is killed. Fails when the tests
// left a key for ever.
import { once } from 'node:events'
import { expectNoImmortalKeys } from '../../lib/testing/expect-no-immortal-keys.js'
import { BACKEND_VARIABLE, REDIS_URL_VARIABLE } from '../../lib/testing/real-redis/environment.js'
import { RealRedis } from '../../lib/testing/real-redis/real-redis.js'
import { readTopology, URL_VARIABLES } from '../../lib/testing/topology/environment.js'
import { startGroup } from '../../lib/testing/topology/start-group.js'

/** One server, whichever backend it came from. */
const startServer = async () => {
  const redis = await RealRedis.start()
  return { redis, environment: { [REDIS_URL_VARIABLE]: redis.url, [BACKEND_VARIABLE]: 'url' } }
}

/** Suites that put servers into a state start others, so the backend stays as it was chosen. */
const startServers = async (topology: 'cluster' | 'sentinel') => {
  const redis = await startGroup(topology, {})
  const { connection } = redis
  const [entry] = 'sentinel' in connection ? connection.sentinel.sentinels : redis.servers
  return { redis, environment: { [URL_VARIABLES[topology]]: `redis://${entry?.host}:${entry?.port}` } }
}

const topology = readTopology()
const { redis, environment } = await (topology === 'standalone' ? startServer() : startServers(topology))
const { AGENT_MEMORY_TEST_ANNOUNCED } = process.env
process.stdout.write(`${JSON.stringify({ ...environment, AGENT_MEMORY_TEST_ANNOUNCED })}\n`)
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
