import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { poll } from '../../../lib/testing/real-redis/poll.js'
import { RealRedis } from '../../../lib/testing/real-redis/real-redis.js'
import { withEnvironment } from '../../support/scoped-environment.js'

const folderOf = async (redis: RealRedis): Promise<string> => {
  const answer: unknown = await redis.client().config('GET', 'dir')
  return Array.isArray(answer) ? String(answer[1]) : ''
}

describe('RealRedis on a redis-server binary', () => {
  let redis: RealRedis
  beforeAll(async () => {
    redis = await RealRedis.start({ backend: 'binary', args: ['--maxmemory', '64mb'] })
  })
  afterAll(() => redis.stop())

  it('says where and what it is', () => {
    expect(redis).toMatchObject({ backend: 'binary', host: '127.0.0.1' })
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
    expect(redis.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(['redis', 'valkey']).toContain(redis.product)
  })

  it('keeps nothing on disk, listens on loopback only and takes arguments', async () => {
    const client = redis.client()
    expect(await client.config('GET', 'save')).toEqual(['save', ''])
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'no'])
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)])
    expect((await folderOf(redis)).startsWith(tmpdir())).toBe(true)
  })

  it('comes back on the same port, with what it held or empty', async () => {
    const { port } = redis
    const client = redis.client()
    await client.set('kept', 'yes')
    await redis.restart({ keepData: true })
    expect(redis.port).toBe(port)
    expect(await client.get('kept')).toBe('yes')
    await redis.restart({ keepData: false })
    expect(redis.port).toBe(port)
    expect(await client.get('kept')).toBeNull()
  })

  it('comes back time after time', async () => {
    const restarts = 20
    const again = async (left: number): Promise<void> => {
      if (left === 0) return
      await redis.client().incr('restarts')
      await redis.restart({ keepData: true })
      await again(left - 1)
    }
    await again(restarts)
    expect(await redis.client().get('restarts')).toBe(String(restarts))
  }, 20_000)

  it('keeps what it held also with an append-only file', async () => {
    await using own = await RealRedis.start({ backend: 'binary', args: ['--appendonly', 'yes'] })
    const client = own.client()
    await client.set('kept', 'yes')
    await own.restart({ keepData: true })
    expect(await client.get('kept')).toBe('yes')
    await own.restart({ keepData: false })
    expect(await client.get('kept')).toBeNull()
  })

  it('starts two at once on different ports', async () => {
    const [first, second] = await Promise.all([
      RealRedis.start({ backend: 'binary' }),
      RealRedis.start({ backend: 'binary' }),
    ])
    expect(first.port).not.toBe(second.port)
    await Promise.all([first.stop(), second.stop()])
  })

  it('is gone after stop(), its folder and its clients too, and stop() may be called again', async () => {
    const own = await RealRedis.start({ backend: 'binary' })
    const folder = await folderOf(own)
    const { port } = own
    const client = own.client()
    await client.ping()
    expect(existsSync(folder)).toBe(true)
    await own.stop()
    await own.stop()
    expect(existsSync(folder)).toBe(false)
    expect(await poll(async () => (client.status === 'end' ? true : undefined), 5_000)).toBe(true)
    const successor = createServer().listen(port, '127.0.0.1')
    await once(successor, 'listening')
    successor.close()
    expect(() => own.url).toThrow('the server is not running')
  })

  it('stops also when the server has ended by itself', async () => {
    const own = await RealRedis.start({ backend: 'binary' })
    const folder = await folderOf(own)
    await own
      .client({ retryStrategy: () => null })
      .call('SHUTDOWN', 'NOSAVE')
      .catch(() => undefined)
    await own.stop()
    expect(existsSync(folder)).toBe(false)
  })

  it('says what the server said when it refuses to start', async () => {
    await expect(RealRedis.start({ backend: 'binary', args: ['--no-such-option', '1'] })).rejects.toThrow(
      /did not start: it ended at once:[^]*no-such-option/,
    )
  })

  it('names the binary that is not there', async () => {
    const nowhere = {
      AGENT_MEMORY_TEST_REDIS_BINARY: '/no/such/redis-server',
      AGENT_MEMORY_TEST_REDIS_VERSION: undefined,
    }
    await withEnvironment(nowhere, async () => {
      await expect(RealRedis.start({ backend: 'binary' })).rejects.toThrow(
        'AGENT_MEMORY_TEST_REDIS_BINARY names no file that can be executed: /no/such/redis-server',
      )
    })
  })
})
