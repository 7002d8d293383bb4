import { beforeAll, expect, it } from '@jest/globals'
import type { Redis } from 'ioredis'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { classifyError } from '../../../lib/redis/classify-error.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { errorOf, MARKER, printed } from './classification-rows.js'

const aWrite = { kind: 'write' } as const

/** What the last command of a transaction, or of another group, was refused with. */
const classified = async (call: Promise<unknown>) => {
  const error = classifyError(await errorOf(call), aWrite)
  expect(printed(error)).not.toContain(MARKER)
  return error
}

describeWithRedis(
  'a reply to a command that the module does not send itself, or not so',
  (redis) => {
    it('of a script that is ended', async () => {
      const [admin, other] = [redis.client(), redis.client()]
      await admin.config('SET', 'busy-reply-threshold', 1)
      const running = classified(
        other.eval("local value = redis.call('GET', KEYS[1]) while true do end", 1, 'ended', MARKER),
      )
      await poll(() => succeeds(admin.script('KILL')))
      expect(await running).toMatchObject({ code: 'UNAVAILABLE', executed: 'no', retryable: true })
      expect((await running).message).toContain('SCRIPT KILL')
      expect(await admin.exists('ended')).toBe(0)
    })

    it('of a script that cannot be ended', async () => {
      const [admin, other] = [redis.client(), redis.client({ maxRetriesPerRequest: 0 })]
      const script = "redis.call('SET', KEYS[1], 1, 'EX', 60) local n = 0 while n < 6e7 do n = n + 1 end return 'done'"
      const running = other.eval(script, 1, 'unkillable')
      await poll(() =>
        admin.ping().then(
          () => false,
          ({ message }: Error) => message.startsWith('BUSY'),
        ),
      )
      expect(await classified(admin.script('KILL'))).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
      expect(await running).toBe('done')
    })

    it('of a script that fails after it wrote', async () => {
      const client = redis.client()
      const error = await classified(
        client.eval("redis.call('SET', KEYS[1], 'v', 'EX', 60) return nil + 1", 1, 'half', MARKER),
      )
      expect(error).toMatchObject({ name: 'MemoryCorruptError', executed: 'unknown', retryable: false })
      expect(await client.get('half')).toBe('v')
    })

    it('of a script that does not compile', async () => {
      const error = await classified(redis.client().eval('no such language', 0, MARKER))
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', executed: 'no', retryable: false })
    })

    it('of a transaction that was refused', async () => {
      const client = redis.client()
      await client.multi({ pipeline: false })
      await errorOf(client.call('SET', 'refused'))
      expect(await classified(client.exec())).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
      expect(await client.exists('refused')).toBe(0)
    })

    it('in a transaction whose other commands were executed', async () => {
      const client = redis.client()
      const results = await client
        .multi()
        .set('before', 1, 'EX', 60)
        .hset('before', 'f', MARKER)
        .evalsha('f'.repeat(40), 1, 'before')
        .set('after', 1, 'EX', 60)
        .exec()
      const errors = results?.map(([error]) => error && classifyError(error, aWrite)) ?? []
      expect(errors).toEqual([
        null,
        expect.objectContaining({ code: 'CORRUPT', executed: 'no', retryable: false }),
        expect.objectContaining({ code: 'UNAVAILABLE', executed: 'no', retryable: true }),
        null,
      ])
      expect(errors.map(printed).join()).not.toContain(MARKER)
      expect(await client.mget('before', 'after')).toEqual(['1', '1'])
    })
  },
  { standalone: 'what one server answers', backend: 'binary' },
)

describeWithRedis(
  'a reply of a node of a cluster to a client that is none of a cluster',
  (redis) => {
    beforeAll(async () => {
      const admin = redis.client()
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
      await poll(async () => (await admin.cluster('INFO')).includes('cluster_state:ok'))
    })

    it.each([
      ['CROSSSLOT', (client: Redis) => client.mget('a', MARKER)],
      ['CROSSSLOT of a script', (client: Redis) => client.eval('return 1', 2, 'a', MARKER)],
    ])('%s', async (_, call) => {
      const client = redis.client()
      const error = await classified(call(client))
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', executed: 'no', retryable: false })
      expect(error.message).toContain('a single node of a cluster (CROSSSLOT)')
    })

    it('CLUSTERDOWN', async () => {
      const client = redis.client()
      await client.call('CLUSTER', 'DELSLOTSRANGE', '0', '16383')
      expect(await classified(client.set('k', MARKER))).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
    })
  },
  { standalone: 'what one server answers', backend: 'binary', args: ['--cluster-enabled', 'yes'] },
)
