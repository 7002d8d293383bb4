import { expect, it } from '@jest/globals'
import { describeWithRedis, type TestRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { onEachMaster } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { contentsOf, replayed, useJournals } from '../../support/use-journals.js'

const user = (content: string) => ({ role: 'user', content }) as const
const numbers = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => validated(value) } } as const
const validated = (value: unknown) =>
  Object.values(value as object).every((each) => typeof each === 'number')
    ? { value: value as { a?: number } }
    : { issues: [{ message: 'no number', path: ['a'] }] }

const refusals = async (redis: TestRedis): Promise<number> => {
  const infos = await onEachMaster(redis, (client) => client.info('errorstats'))
  return infos.reduce((sum, info) => sum + Number(/errorstat_NOREPLICAS:count=(\d+)/.exec(info)?.[1] ?? 0), 0)
}

describeWithRedis(
  'making the writes of the journal',
  (redis) => {
    const journals = useJournals(redis)

    it('makes all writes to one field in their order', async () => {
      const { memory } = await journals.boot()
      const { state } = memory.session('s')
      await state.set({ a: 0, b: 0, c: { at: 0 } })
      await journals.proxy.refuse()
      await Promise.all([
        state.set({ a: 1, b: 1 }),
        state.set({ a: 2 }),
        state.delete(['b']),
        state.patch({ c: { one: 1 } }),
        state.patch({ c: { two: 2 } }),
        state.set({ a: 3 }),
      ])
      await journals.proxy.restore()
      await replayed(memory)
      expect((await state.get()).values).toEqual({ a: 3, c: { at: 0, one: 1, two: 2 } })
    })

    it('goes on without a new connection when the server refused writes for a while', async () => {
      const { memory } = await journals.boot()
      {
        const before = await refusals(redis)
        await using refusing = await redis.noReplicas()
        expect(await memory.session('s').append(user('1'))).toMatchObject({ stored: 'journal' })
        expect(await refusals(redis)).toBeGreaterThan(before)
        await refusing.restore()
      }
      await poll(() => memory.status().journal?.entries === 0)
      expect(await contentsOf(memory, 's')).toEqual(['1'])
    })

    it('never makes one behind a later one that was stored', async () => {
      const { memory } = await journals.boot({ resilience: { deadline: '5s' } })
      const { state } = memory.session('s')
      await state.set({ a: 'begun' })
      const before = await refusals(redis)
      journals.proxy.on({ command: 'EVALSHA', nth: 2 }, 'delay', { ms: 200 })
      journals.proxy.on({ command: 'EVALSHA', nth: 3 }, 'delay', { ms: 1_500 })
      {
        const first = state.set({ a: 'first' })
        const refused = state.set({ a: 'refused' })
        const later = state.set({ a: 'later' })
        await first
        await using refusing = await redis.noReplicas()
        await poll(async () => (await refusals(redis)) > before)
        await refusing.restore()
        await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE', executed: 'no', retryable: true })
        expect(await later).toMatchObject({ stored: 'redis' })
      }
      expect(memory.status().journal?.entries).toBe(0)
      expect((await state.get()).values).toEqual({ a: 'later' })
    })

    it('makes nothing that does not fit the schema: that is not kept', async () => {
      const { memory } = await journals.boot({ state: numbers })
      const { state } = memory.session('s')
      await journals.proxy.refuse()
      const [fits, doesNot] = [state.set({ a: 1 }), state.set({ a: 'text' })]
      expect(await fits).toMatchObject({ stored: 'journal' })
      await expect(doesNot).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
      await expect(state.set({ a: 'text' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
      expect(memory.status().journal?.entries).toBe(1)
    })

    it('waits for the keys of encryption, and has the next process keep and show more without Redis', async () => {
      let isDown = false
      const keys = async (): Promise<Buffer> => {
        if (isDown) throw new Error('no keys today')
        return testKey(1)
      }
      const options = { serialization: { encryption: { current: 'k1', keys } } }
      const first = await journals.boot(options, { cleanUp: false })
      await journals.proxy.refuse()
      await first.memory.session('s').append(user('1'))
      await first.close()
      const second = await journals.boot(options, { cleanUp: false, namespace: first.namespace })
      expect(await second.memory.session('s').append(user('2'))).toMatchObject({ stored: 'journal' })
      expect(await contentsOf(second.memory, 's')).toEqual(['1', '2'])
      await second.close()
      isDown = true
      const { memory } = await journals.boot(options, { namespace: first.namespace })
      const unavailable = { name: 'MemoryUnavailableError', executed: 'no' }
      await expect(memory.session('s').append(user('3'))).rejects.toMatchObject(unavailable)
      await expect(memory.session('s').messages()).rejects.toMatchObject(unavailable)
      await journals.proxy.restore()
      await poll(() => succeeds(memory.session('other').info()))
      expect(memory.status().journal?.entries).toBe(2)
      isDown = false
      await replayed(memory)
      expect(await contentsOf(memory, 's')).toEqual(['1', '2'])
    })

    it('is waited for by what says how large a session is', async () => {
      const { memory } = await journals.boot()
      const session = memory.session('s')
      await session.append(user('0'))
      await journals.proxy.refuse()
      await session.append(user('1'))
      await journals.proxy.restore()
      const info = await poll(() => session.info().catch(() => undefined))
      expect(info).toMatchObject({ count: 2 })
    })
  },
  { backend: 'binary' },
)
