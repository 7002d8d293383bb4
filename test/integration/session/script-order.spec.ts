import { expect, it } from '@jest/globals'
import { MemoryUnavailableError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { onEachMaster } from '../../support/on-each-master.js'
import { poll } from '../../support/poll.js'
import { appendScript } from '../../../lib/redis/scripts/scripts.generated.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

const say = (content: string) => ({ role: 'user', content }) as const

// A server of its own: it is started anew, and knows no script then.
describeWithRedis(
  'a server that has just started',
  (redis) => {
    const tested = useMemory(redis)

    it('gets the scripts before the first call, so writes that are not awaited keep their order', async () => {
      for (let round = 0; round < 3; round++) {
        await redis.restart({ keepData: false })
        const session = tested.newSession()
        await poll(() => session.messages().catch(() => undefined))
        await Promise.all([session.append(say('before')), session.clear(), session.append(say('after'))])
        expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['after'])
      }
    }, 30_000)
  },
  { backend: 'binary' },
)

describeWithRedis(
  'a server that has lost its scripts',
  (redis) => {
    const tested = useFaultyMemory(redis)
    const unknown = async (): Promise<number> =>
      (await onEachMaster(redis, (client) => client.info('errorstats')))
        .map((info) => Number(/errorstat_NOSCRIPT:count=(\d+)/.exec(info)?.[1] ?? 0))
        .reduce((sum, count) => sum + count, 0)
    const contents = async (id: string) =>
      (await tested.memory.session(id).messages()).messages.map(({ content }) => content)

    it('keeps the order of writes that are not awaited', async () => {
      const session = tested.memory.session('burst')
      await session.append(say('0'))
      const before = await unknown()
      await redis.scriptFlush()
      const texts = Array.from({ length: 50 }, (_, index) => String(index + 1))
      await Promise.all(texts.map((text) => session.append(say(text))))
      expect(await contents('burst')).toEqual(['0', ...texts])
      expect(await unknown()).toBeGreaterThan(before)
    })

    it('makes no write behind a later one, for which somebody has brought the script back', async () => {
      const session = tested.memory.session('raced')
      tested.proxy.latency(100)
      // While it is under way, those after it follow each other without waiting.
      const opening = session.append(say('0'))
      const first = session.append(say('1')).catch((error: unknown) => error)
      await poll(async () => (await tested.redis.exists(tested.keyOf('raced'))) === 1)
      // Its own node may not have known the script either, after the test before.
      const before = await unknown()
      await redis.scriptFlush()
      await opening
      // The server has refused it, and this process does not know it yet.
      await poll(async () => (await unknown()) > before)
      await onEachMaster(redis, (client) => client.script('LOAD', appendScript.source))
      const second = await session.append(say('2'))
      expect(second).toMatchObject({ stored: 'redis' })
      const failed = await first
      expect(failed).toBeInstanceOf(MemoryUnavailableError)
      expect(failed).toMatchObject({ executed: 'no', message: expect.stringContaining('a later write') })
      await tested.proxy.restore()
      expect(await contents('raced')).toEqual(['0', '2'])
    })
  },
  { backend: 'binary' },
)
