import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedis } from '../../../lib/testing/real-redis/real-redis.js'
import { withEnvironment } from '../../support/scoped-environment.js'

describe('RealRedis on a URL', () => {
  let owned: RealRedis
  beforeAll(async () => {
    owned = await RealRedis.start({ backend: 'binary' })
  })
  afterAll(() => owned.stop())

  const atOwned = <T>(work: () => Promise<T>): Promise<T> =>
    withEnvironment({ AGENT_MEMORY_TEST_REDIS_URL: `${owned.url}/3`, AGENT_MEMORY_TEST_BACKEND: undefined }, work)

  it('comes first, and keeps the whole URL', async () => {
    const redis = await atOwned(() => RealRedis.start())
    expect(redis).toMatchObject({
      backend: 'url',
      url: `${owned.url}/3`,
      port: owned.port,
      version: owned.version,
      product: owned.product,
    })
    await redis.client().set('in', 'three')
    expect(await owned.client({ db: 3 }).get('in')).toBe('three')
    await redis.stop()
  })

  it('stops nothing of a server that is not ours', async () => {
    const redis = await atOwned(() => RealRedis.start())
    await redis.stop()
    expect(await owned.client().ping()).toBe('PONG')
  })

  it('refuses arguments and a restart', async () => {
    await expect(atOwned(() => RealRedis.start({ args: ['--maxmemory', '1mb'] }))).rejects.toThrow(
      'arguments cannot be given to the server in AGENT_MEMORY_TEST_REDIS_URL',
    )
    await using redis = await atOwned(() => RealRedis.start())
    await expect(redis.restart({ keepData: true })).rejects.toThrow("needs a server of { backend: 'binary' }")
  })

  it('gives way to the backend that is asked for', async () => {
    await using redis = await atOwned(() => RealRedis.start({ backend: 'binary' }))
    expect(redis.backend).toBe('binary')
    expect(redis.port).not.toBe(owned.port)
  })

  it('fails without showing a password when nothing answers there', async () => {
    const error: unknown = await withEnvironment(
      { AGENT_MEMORY_TEST_REDIS_URL: 'redis://:hidden@127.0.0.1:1', AGENT_MEMORY_TEST_BACKEND: undefined },
      () => RealRedis.start().catch((reason: unknown) => reason),
    )
    expect(error).toMatchObject({ message: 'no Redis answers at 127.0.0.1:1', cause: { code: 'ECONNREFUSED' } })
    expect(String(error)).not.toContain('hidden')
  })

  it.each([
    [undefined, 'the backend "url" needs AGENT_MEMORY_TEST_REDIS_URL'],
    ['localhost:6379', 'must be a URL with redis:// or rediss://'],
    ['http://localhost', 'must be a URL with redis:// or rediss://'],
  ])('refuses %s as a URL', async (url, message) => {
    await withEnvironment({ AGENT_MEMORY_TEST_REDIS_URL: url }, async () => {
      await expect(RealRedis.start({ backend: 'url' })).rejects.toThrow(message)
    })
  })
})
