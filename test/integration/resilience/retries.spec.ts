import { describe, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const
const texts = ({ messages }: { readonly messages: readonly { readonly content: unknown }[] }): unknown[] =>
  messages.map(({ content }) => content)

describeWithRedis('calls that fail', (redis) => {
  describe('are repeated within their deadline', () => {
    const tested = useFaultyMemory(redis)

    it.each(['append', 'state.set', 'state.patch', 'state.delete', 'clear', 'delete', 'commit'] as const)(
      '%s, executed once though its reply was lost',
      async (kind) => {
        const session = tested.memory.session(`reply-${kind}`)
        await session.append(user('before'))
        const { version } = await session.messages()
        const calls: Record<typeof kind, () => Promise<unknown>> = {
          append: () => session.append(user('once')),
          'state.set': () => session.state.set({ a: 1 }),
          'state.patch': () => session.state.patch({ a: { b: 1 } }),
          'state.delete': () => session.state.delete(['a']),
          clear: () => session.clear(),
          delete: () => session.delete(),
          commit: () => session.summary.commit({ text: 'all', coversSeq: 1, replaces: null, basedOn: version }),
        }
        const before = Number(await tested.redis.hget(tested.keyOf(session.id), 'v'))
        const lost = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
        await calls[kind]()
        expect(lost.hits).toBe(1)
        expect(Number(await tested.redis.hget(tested.keyOf(session.id), 'v'))).toBe(before + 1)
      },
    )

    it('when the connection is cut before the server sees them', async () => {
      const session = tested.memory.session('cut-before')
      const cut = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'cut-before')
      expect(await session.append(user('once'))).toMatchObject({ duplicate: false })
      expect(cut.hits).toBe(1)
      expect(texts(await session.messages())).toEqual(['once'])
    })

    it('when the connection hangs: it is given up in time for another one', async () => {
      const session = tested.memory.session('hangs')
      await session.append(user('before'))
      const hung = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'blackhole')
      const restored = poll(() => hung.hits === 1).then(() => tested.proxy.restore())
      expect(await session.append(user('once'))).toMatchObject({ stored: 'redis' })
      await restored
      expect(texts(await session.messages())).toEqual(['before', 'once'])
    })

    it('reads as well', async () => {
      const session = tested.memory.session('reads')
      await session.append(user('there'))
      const lost = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
      expect(texts(await session.messages())).toEqual(['there'])
      expect(lost.hits).toBe(1)
    })

    it('in the order of the calls, also those of a burst that is not awaited', async () => {
      for (let round = 0; round < 10; round++) {
        const session = tested.memory.session(`burst-${round}`)
        const fault = tested.proxy.on(
          { command: 'EVALSHA', nth: 1 + round * 2 },
          round % 2 === 0 ? 'drop-reply' : 'cut-before',
        )
        const contents = Array.from({ length: 25 }, (_, index) => `${index}`)
        const results = await Promise.all(contents.map((content) => session.append(user(content))))
        expect(fault.hits).toBe(1)
        expect(results.map(({ messages }) => messages[0]!.seq)).toEqual(contents.map((_, index) => index + 1))
        expect(texts(await session.messages())).toEqual(contents)
      }
    })
  })

  describe('are not repeated', () => {
    const none = useFaultyMemory(redis, { resilience: { retry: { attempts: 0 } } })

    it('where no retries are wanted: the error says what is known', async () => {
      const session = none.memory.session('none')
      await session.append(user('before'))
      const lost = none.proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
      await expect(session.append(user('once'), { operationId: 'once' })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        executed: 'unknown',
        retryable: true,
        operationId: 'once',
      })
      expect(lost.hits).toBe(1)
      expect(await session.append(user('once'), { operationId: 'once' })).toMatchObject({ duplicate: true })
    })
  })
})
