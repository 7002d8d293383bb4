import { describe, expect, it } from '@jest/globals'
import { dockerObstacle } from '../../../lib/testing/real-redis/docker-backend.js'
import { readRedisEnvironment } from '../../../lib/testing/real-redis/environment.js'
import { RealRedis } from '../../../lib/testing/real-redis/real-redis.js'
import { withEnvironment } from '../../support/scoped-environment.js'

const obstacle = await dockerObstacle(readRedisEnvironment().image)

describe('RealRedis in a container', () => {
  // One of two, by what this machine has: both are what a user meets.
  if (obstacle === undefined) {
    it('starts, takes arguments and is gone after stop()', async () => {
      const redis = await RealRedis.start({ backend: 'docker', args: ['--maxmemory', '8mb'] })
      const { backend, url } = redis
      expect(backend).toBe('docker')
      expect(redis.version).toMatch(/^\d+\.\d+\.\d+$/)
      const client = redis.client()
      expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', '8388608'])
      expect(await client.config('GET', 'save')).toEqual(['save', ''])
      await expect(redis.restart({ keepData: true })).rejects.toThrow("needs a server of { backend: 'binary' }")
      await redis.stop()
      await withEnvironment({ AGENT_MEMORY_TEST_REDIS_URL: url }, async () => {
        await expect(RealRedis.start({ backend: 'url' })).rejects.toThrow('no Redis answers')
      })
    }, 60_000)

    it('is no other version than the one asked for, whatever the image', async () => {
      const { image } = readRedisEnvironment()
      await withEnvironment({ AGENT_MEMORY_TEST_REDIS_IMAGE: image }, async () => {
        await using redis = await RealRedis.start({ backend: 'docker' })
        const is8 = redis.product === 'redis' && redis.version.startsWith('8.')
        await expect(RealRedis.start({ backend: 'docker', version: is8 ? '7' : '8' })).rejects.toThrow(
          `RealRedis: Redis ${is8 ? '7' : '8'} is asked for, and the server says that it is ${redis.product} ${redis.version}`,
        )
      })
    }, 60_000)
  } else {
    it('says why it cannot start', async () => {
      await expect(RealRedis.start({ backend: 'docker' })).rejects.toThrow(
        `the backend "docker" cannot be used: ${obstacle}`,
      )
    }, 130_000)
  }

  it('says so when an image cannot be had', async () => {
    await withEnvironment({ AGENT_MEMORY_TEST_REDIS_IMAGE: '127.0.0.1:1/none:1' }, async () => {
      await expect(RealRedis.start({ backend: 'docker' })).rejects.toThrow(
        /cannot be used: (no Docker engine answers|the Docker engine has no image 127\.0\.0\.1:1\/none:1)/,
      )
    })
  })
})
