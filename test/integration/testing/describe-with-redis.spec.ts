import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { describeWithRedis } from '../../../lib/testing/describe-with-redis.js'
import { isRedisAvailable } from '../../../lib/testing/real-redis/is-redis-available.js'
import { RealRedis } from '../../../lib/testing/real-redis/real-redis.js'
import { useTestRunner } from '../../../lib/testing/runner/use-test-runner.js'
import { withEnvironment } from '../../support/scoped-environment.js'

const seen: RealRedis[] = []
const answers: string[] = []

describeWithRedis(
  'describeWithRedis, with the hooks of the runner from its globals',
  (redis) => {
    seen.push(redis)
    afterAll(async () => void answers.push(await redis.client().ping()))
    let early: unknown
    try {
      early = redis.url
    } catch (error) {
      early = error
    }

    it('hands over a server that is up inside tests', async () => {
      expect(await redis.client().ping()).toBe('PONG')
    })

    it('says so when its address is asked for while tests are collected', () => {
      expect(early).toMatchObject({ message: expect.stringContaining('use it inside hooks and tests') })
    })
  },
  { standalone: 'it is about RealRedis' },
)

describeWithRedis(
  'describeWithRedis, with options',
  (redis) => {
    it('starts a server of its own', async () => {
      expect(redis.backend).toBe('binary')
      expect(await redis.client().config('GET', 'maxmemory')).toEqual(['maxmemory', '8388608'])
    })
  },
  { standalone: 'it is about RealRedis', backend: 'binary', args: ['--maxmemory', '8mb'] },
)

describe('describeWithRedis, after its suite', () => {
  it('has stopped the server, after the hooks of the suite', () => {
    expect(answers).toEqual(['PONG'])
    expect(seen).toHaveLength(1)
    expect(() => seen[0]?.url).toThrow('the server is not running')
  })
})

/** Collects a suite with a runner that only writes down what is asked of it. */
const collect = (options: { readonly standalone?: string } = {}): string[] => {
  const calls: string[] = []
  const suite = (kind: string) => (name: string, body: () => void) => {
    calls.push(`${kind} ${name}`)
    body()
  }
  const hook = (kind: string) => () => calls.push(kind)
  useTestRunner({
    describe: Object.assign(suite('run'), { skip: suite('skip') }),
    beforeAll: hook('beforeAll'),
    afterAll: hook('afterAll'),
  })
  try {
    describeWithRedis('my agent', () => calls.push('body'), options as { readonly standalone: string })
  } finally {
    useTestRunner({ describe, beforeAll, afterAll })
  }
  return calls
}

describe('without any Redis', () => {
  // No path to a binary, and an image that no engine has or can pull.
  const nowhere = {
    AGENT_MEMORY_TEST_REDIS_URL: undefined,
    AGENT_MEMORY_TEST_BACKEND: undefined,
    AGENT_MEMORY_TEST_REDIS_BINARY: undefined,
    AGENT_MEMORY_TEST_REDIS_VERSION: undefined,
    AGENT_MEMORY_TEST_REDIS_IMAGE: '127.0.0.1:1/none:1',
    PATH: '',
    // So that this run does not say that it has none.
    AGENT_MEMORY_TEST_ANNOUNCED: 'no Redis',
  }

  it('skips the suite by name and says how to get one', async () => {
    const calls = await withEnvironment(nowhere, () => collect())
    expect(calls).toEqual([
      expect.stringMatching(
        /^skip my agent \[skipped, no Redis: set AGENT_MEMORY_TEST_REDIS_URL, .* install redis-server\]$/,
      ),
      'body',
    ])
  })

  it('runs the suite, so that it fails, where a backend is asked for', async () => {
    const calls = await withEnvironment({ ...nowhere, AGENT_MEMORY_TEST_BACKEND: 'docker' }, () => collect())
    expect(calls).toEqual(['run my agent', 'beforeAll', 'afterAll', 'body', 'afterAll'])
  })

  it('is told by isRedisAvailable and by RealRedis.start', async () => {
    expect(await withEnvironment(nowhere, () => isRedisAvailable())).toBe(false)
    await expect(withEnvironment(nowhere, () => RealRedis.start())).rejects.toThrow(
      /there is no Redis to test against[^]*install redis-server/,
    )
  })
})

describe('on another topology', () => {
  const cluster = { AGENT_MEMORY_TEST_TOPOLOGY: 'cluster', AGENT_MEMORY_TEST_BACKEND: 'binary' }

  it('runs the suite', async () => {
    expect(await withEnvironment(cluster, () => collect())).toContain('run my agent')
  })

  it('skips by name the suite that is about one server', async () => {
    const calls = await withEnvironment(cluster, () => collect({ standalone: 'it counts connections' }))
    expect(calls).toEqual(['skip my agent [skipped, cluster: it counts connections]', 'body'])
  })
})
