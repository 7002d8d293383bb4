import { afterEach, expect, it, jest } from '@jest/globals'
import type { MemoryService } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { configure, onEachMaster } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import { contentsOf, replayed, useJournals } from '../../support/use-journals.js'

const user = (content: string) => ({ role: 'user', content }) as const
const MINUTE = 60_000

/** More writes than a session remembers. */
const writeMany = async (memory: MemoryService): Promise<void> => {
  const session = memory.session('s')
  for (let number = 0; number < 180; number++) await session.append(user(`other ${number}`))
}
const times = async (memory: MemoryService, content: string): Promise<number> =>
  (await contentsOf(memory, 's')).filter((each) => each === content).length

describeWithRedis(
  'writes that are made late',
  (redis) => {
    const journals = useJournals(redis)
    const direct = { resilience: { onOutage: 'throw', journal: undefined } } as const
    afterEach(() => {
      jest.restoreAllMocks()
    })

    it('are doubled by nothing that was executed unheard, however many came since', async () => {
      const { memory, namespace } = await journals.boot()
      const { memory: other } = await journals.boot(direct, { namespace, through: false, cleanUp: false })
      await memory.session('s').append(user('0'))
      const lost = journals.proxy.on({ command: 'EVALSHA', times: Infinity }, 'drop-reply')
      expect(await memory.session('s').append(user('mine'))).toMatchObject({ stored: 'journal' })
      await journals.proxy.refuse()
      expect(lost.hits).toBeGreaterThan(0)
      expect(await times(other, 'mine')).toBe(1)
      await writeMany(other)
      await journals.proxy.restore()
      await replayed(memory)
      expect(await times(memory, 'mine')).toBe(1)
      expect(memory.status().journal?.aside).toBe(0)
    })

    it('are not doubled by the process that comes after one that was not heard making them', async () => {
      const first = await journals.boot({}, { cleanUp: false })
      const { namespace } = first
      const { memory: other } = await journals.boot(direct, { namespace, through: false, cleanUp: false })
      await first.memory.session('s').append(user('0'))
      await journals.proxy.refuse()
      // From then on nothing is sent.
      await expect(first.memory.session('s').info()).rejects.toMatchObject({ executed: 'no' })
      await first.memory.session('s').append(user('mine'))
      journals.proxy.on({ command: 'EVALSHA', times: Infinity }, 'drop-reply')
      await journals.proxy.restore()
      journals.proxy.on({ command: 'EVALSHA', times: Infinity }, 'drop-reply')
      await poll(async () => (await times(other, 'mine')) === 1)
      await journals.proxy.refuse()
      await first.close()
      await writeMany(other)
      await journals.proxy.restore()
      const { memory } = await journals.boot({}, { namespace })
      await replayed(memory)
      expect(await times(memory, 'mine')).toBe(1)
      expect(memory.status().journal?.aside).toBe(0)
    })

    it('are made in a session that was lost, and the loss is said', async () => {
      const { memory, namespace } = await journals.boot()
      await memory.session('s').append(user('0'))
      await journals.proxy.refuse()
      await memory.session('s').append(user('1'))
      const client = redis.client()
      expect(await client.unlink(sessionKey({ namespace, tenant: undefined, sessionId: 's' }))).toBe(1)
      client.disconnect()
      await journals.proxy.restore()
      await replayed(memory)
      expect(memory.status()).toMatchObject({ lostSessions: 1, journal: { aside: 0 } })
      expect(await contentsOf(memory, 's')).toEqual(['1'])
    })

    it('are kept for later while Redis is out of memory', async () => {
      const { memory } = await journals.boot()
      await memory.session('s').append(user('0'))
      await journals.proxy.refuse()
      await memory.session('s').append(user('1'))
      try {
        await configure(redis, 'maxmemory', '1')
        await journals.proxy.restore()
        await poll(async () => {
          const infos = await onEachMaster(redis, (client) => client.info('errorstats'))
          return infos.some((info) => info.includes('errorstat_OOM:count='))
        })
        expect(memory.status().journal).toMatchObject({ entries: 1, aside: 0 })
      } finally {
        await configure(redis, 'maxmemory', '0')
      }
      await replayed(memory)
      expect(memory.status().journal).toMatchObject({ aside: 0 })
      expect(await contentsOf(memory, 's')).toEqual(['0', '1'])
    })

    it('win over what their caller had seen, and over earlier ones, also when the clock was set back', async () => {
      const { memory } = await journals.boot()
      const { state } = memory.session('s')
      await state.set({ a: 0, b: 0 })
      await journals.proxy.refuse()
      const { now } = Date
      const setBack = (): void => void jest.spyOn(Date, 'now').mockImplementation(() => now() - MINUTE)
      setBack()
      await state.set({ a: 1 })
      jest.restoreAllMocks()
      await state.set({ b: 1 })
      setBack()
      await state.set({ b: 2 })
      jest.restoreAllMocks()
      await journals.proxy.restore()
      await replayed(memory)
      expect((await state.get()).values).toEqual({ a: 1, b: 2 })
    })
  },
  { backend: 'binary' },
)
