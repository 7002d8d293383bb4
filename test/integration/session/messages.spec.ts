import { beforeAll, describe, expect, it } from '@jest/globals'
import type { AgentSession, MessageInput, MessagesOptions } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

/** Ten turns: the question `n` and the answer, seq 2n-1 and 2n. */
const dialogue: MessageInput[] = Array.from({ length: 10 }, (_, turn) => [
  { role: 'user' as const, content: `question ${turn + 1}` },
  { role: 'assistant' as const, content: `answer ${turn + 1}` },
]).flat()

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describeWithRedis('messages', (redis) => {
  const tested = useMemory(redis)
  let session: AgentSession
  const read = async (options?: MessagesOptions): Promise<number[]> => {
    const { messages } = await session.messages(options)
    return messages.map(({ seq }) => seq)
  }

  beforeAll(async () => {
    session = tested.newSession()
    await session.append(dialogue)
  })

  it.each<[string, MessagesOptions | undefined, number[]]>([
    ['all', undefined, range(1, 20)],
    ['the last', { last: 3 }, range(18, 20)],
    ['more than there are', { last: 100 }, range(1, 20)],
    ['the last turns', { turns: 2 }, range(17, 20)],
    ['more turns than there are', { turns: 50 }, range(1, 20)],
    ['after', { after: 15 }, range(16, 20)],
    ['after, from the beginning', { after: 0 }, range(1, 20)],
    ['after the end', { after: 20 }, []],
    ['far after the end', { after: 2_000_000 }, []],
    ['after, limited: the oldest of the range', { after: 4, limit: 3 }, range(5, 7)],
    ['before', { before: 4 }, range(1, 3)],
    ['before, limited: the nearest to it', { before: 10, limit: 2 }, range(8, 9)],
    ['before the beginning', { before: 1 }, []],
    ['before far beyond the end', { before: 1_000_000 }, range(1, 20)],
    ['between', { after: 3, before: 8 }, range(4, 7)],
    ['between, limited', { after: 3, before: 8, limit: 2 }, range(4, 5)],
    ['between, crossed', { after: 8, before: 3 }, []],
  ])('reads %s', async (_, options, expected) => {
    expect(await read(options)).toEqual(expected)
  })

  it('reads the newest messages within a number of tokens', async () => {
    const all = await session.context()
    expect(await read({ maxTokens: all.tokens })).toEqual(range(1, 20))
    const fewer = await read({ maxTokens: Math.floor(all.tokens / 2) })
    expect(fewer.length).toBeGreaterThan(5)
    expect(fewer).toEqual(range(21 - fewer.length, 20))
    expect(await read({ maxTokens: 1 })).toEqual([])
  })

  it('answers an absent session with no messages and version 0', async () => {
    const absent = tested.newSession()
    expect(await absent.messages()).toEqual({ messages: [], version: '0', stale: false, corrupt: [] })
    expect(await absent.info()).toEqual({ exists: false, version: '0', stale: false })
    expect(await tested.redis.exists(tested.keyOf(absent))).toBe(0)
  })

  it('skips what is not there, and counts only what is', async () => {
    const holes = tested.newSession()
    await holes.append(dialogue)
    await tested.redis.hdel(tested.keyOf(holes), 'm:20', 'm:18', 'm:5')
    expect((await holes.messages({ last: 3 })).messages.map(({ seq }) => seq)).toEqual([16, 17, 19])
    expect((await holes.messages({ after: 3, limit: 3 })).messages.map(({ seq }) => seq)).toEqual([4, 6, 7])
  })

  it('reads more than a thousand messages in their order', async () => {
    const long = tested.newSession()
    await long.append(Array.from({ length: 2_500 }, (_, index) => ({ role: 'user' as const, content: `${index + 1}` })))
    const { messages } = await long.messages()
    expect(messages.map(({ seq, content }) => [seq, content])).toEqual(range(1, 2_500).map((seq) => [seq, `${seq}`]))
    expect((await long.messages({ last: 1_500 })).messages[0]?.seq).toBe(1_001)
    expect((await long.messages({ after: 10, limit: 1_200 })).messages.map(({ seq }) => seq)).toEqual(range(11, 1_210))
  })

  describe('refuses', () => {
    it.each<[object, string]>([
      [{ last: 0 }, 'options.last'],
      [{ last: -1 }, 'options.last'],
      [{ last: 1.5 }, 'options.last'],
      [{ last: Number.NaN }, 'options.last'],
      [{ last: Infinity }, 'options.last'],
      [{ last: '5' }, 'options.last'],
      [{ last: null }, 'options.last'],
      [{ after: -1 }, 'options.after'],
      [{ before: 0 }, 'options.before'],
      [{ after: 1, limit: 0 }, 'options.limit'],
      [{ limit: 5 }, 'options.limit'],
      [{ last: 5, turns: 2 }, 'options.turns'],
      [{ last: 5, after: 2 }, 'options.after'],
      [{ lats: 5 }, 'options.lats'],
    ])('%j', async (options, path) => {
      const failed = session.messages(options)
      await expect(failed).rejects.toMatchObject({
        code: 'ARGUMENT_INVALID',
        path,
        message: expect.stringContaining('allowed: '),
      })
    })
  })
})
