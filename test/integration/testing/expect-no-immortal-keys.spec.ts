import { expect, it } from '@jest/globals'
import { describeWithRedis } from '../../../lib/testing/describe-with-redis.js'
import { expectNoImmortalKeys } from '../../../lib/testing/expect-no-immortal-keys.js'

describeWithRedis(
  'expectNoImmortalKeys',
  (redis) => {
    const fill = async (prefix: string, count: number, ttl?: number): Promise<void> => {
      const pipeline = redis.client().pipeline()
      for (let index = 0; index < count; index++) {
        pipeline.set(`${prefix}${index}`, '')
        if (ttl !== undefined) pipeline.expire(`${prefix}${index}`, ttl)
      }
      await pipeline.exec()
    }

    it('counts the keys it has looked at, whatever it is given', async () => {
      await fill('am:{a:~:s:', 1_200, 600)
      await fill('other:', 1)
      expect(await expectNoImmortalKeys(redis)).toBe(1_200)
      expect(await expectNoImmortalKeys(redis.url)).toBe(1_200)
      expect(await expectNoImmortalKeys(redis.client())).toBe(1_200)
      expect(await expectNoImmortalKeys(redis, { pattern: 'none:*' })).toBe(0)
    })

    it('names the keys without TTL', async () => {
      await fill('am:{b:~:s:', 1)
      await expect(expectNoImmortalKeys(redis)).rejects.toThrow('1 of 1201 keys have no TTL:\n  am:{b:~:s:0')
      await expect(expectNoImmortalKeys(redis, { pattern: 'other:*' })).rejects.toThrow('other:0')
      expect(await expectNoImmortalKeys(redis, { pattern: 'am:{a:*' })).toBe(1_200)
    })

    it('names no more than a handful', async () => {
      await fill('many:', 30)
      await expect(expectNoImmortalKeys(redis, { pattern: 'many:*' })).rejects.toThrow(/^30 of 30[^]*  and 10 more$/)
    })

    it('refuses a client whose prefix would hide every key', async () => {
      const client = redis.client({ keyPrefix: 'am:' })
      await expect(expectNoImmortalKeys(client, { pattern: 'am:*' })).rejects.toThrow('without keyPrefix')
    })

    it('fails when the server cannot be read', async () => {
      await expect(expectNoImmortalKeys('redis://127.0.0.1:1')).rejects.toThrow('could not read the server')
      const admin = redis.client()
      await admin.acl('SETUSER', 'blind', 'on', 'nopass', '~*', '+@all', '-pttl')
      const url = `redis://blind:any@${redis.host}:${redis.port}`
      await expect(expectNoImmortalKeys(url)).rejects.toThrow(/could not read the server: NOPERM/)
    })
  },
  { standalone: 'it is about RealRedis', backend: 'binary' },
)
