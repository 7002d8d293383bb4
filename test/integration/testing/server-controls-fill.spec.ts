import { afterEach, expect, it } from '@jest/globals'
import { describeWithRedis, expectNoImmortalKeys, type EvictionPolicy } from 'nestjs-agent-memory/testing'

const EVICTING: readonly EvictionPolicy[] = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]

describeWithRedis(
  'a server of our own that is full',
  (redis) => {
    afterEach(async () => {
      await redis.client().flushall()
    })

    it.each(EVICTING)('evicts under %s', async (policy) => {
      const client = redis.client()
      const evictedKeys = async (): Promise<number> =>
        Number(/evicted_keys:(\d+)/.exec(await client.info('stats'))?.[1])
      const before = await evictedKeys()
      await using filled = await redis.fill(policy)
      expect(filled.oom).toBe(false)
      expect(filled.evictedKeys).toBeGreaterThan(0)
      expect(await evictedKeys()).toBeGreaterThanOrEqual(before + filled.evictedKeys)
      expect(await client.set('key', 'value', 'EX', 60)).toBe('OK')
    })

    it('evicts sessions that nobody used for long, under allkeys-lru', async () => {
      const client = redis.client()
      // Which of them go is chance: the server looks at a few keys each time.
      const keys = Array.from({ length: 200 }, (_, index) => `session ${index}`)
      for (const key of keys) await client.set(key, 'x', 'EX', 604_800)
      await using filled = await redis.fill('allkeys-lru', { evictions: 8_000 })
      expect(filled.evictedKeys).toBeGreaterThanOrEqual(8_000)
      expect(await client.exists(...keys)).toBeLessThan(keys.length)
      await client.unlink(...keys)
    })

    it('refuses writes under noeviction, small ones too, and goes on with reads', async () => {
      const client = redis.client()
      await client.set('session', 'x', 'EX', 60)
      await using filled = await redis.fill('noeviction')
      expect(filled).toMatchObject({ oom: true, evictedKeys: 0 })
      for (let count = 0; count < 50; count += 1)
        await expect(client.append('session', 'y')).rejects.toThrow(
          "OOM command not allowed when used memory > 'maxmemory'.",
        )
      expect(await client.get('session')).toBe('x')
      expect(await expectNoImmortalKeys(redis, { pattern: '*' })).toBeGreaterThan(1_000)
      await filled.restore()
      expect(await client.append('session', 'y')).toBe(2)
      expect(await client.dbsize()).toBe(1)
      expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', '0'])
      expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    })
  },
  { standalone: 'it is about RealRedis', backend: 'binary' },
)
