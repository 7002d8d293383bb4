import { expect, it } from '@jest/globals'
import type { AgentSession, MessageInput } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const words = (count: number): string => 'word '.repeat(count).trim()

describeWithRedis('context', (redis) => {
  const tested = useMemory(redis)

  const prepared = async (): Promise<AgentSession> => {
    const session = tested.newSession()
    const { version } = await session.append(
      Array.from({ length: 12 }, (_, index): MessageInput => ({
        role: index % 2 === 0 ? 'user' : 'assistant',
        content: words(20),
      })),
    )
    await session.summary.commit({ text: 'The first four.', coversSeq: 4, replaces: null, basedOn: version })
    await session.state.set({ phone: '+49 30 1234', when: new Date('2026-12-24T18:00:00.000Z') })
    return session
  }

  it('puts summary, state and window together', async () => {
    const session = await prepared()
    const context = await session.context()
    expect(context.messages.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10, 11, 12])
    expect(context).toMatchObject({
      summary: { text: 'The first four.', coversSeq: 4 },
      facts: [],
      state: { phone: '+49 30 1234', when: new Date('2026-12-24T18:00:00.000Z') },
      omitted: 0,
      stale: false,
      corrupt: [],
      version: (await session.messages()).version,
    })
    expect(context.tokens).toBeGreaterThan(8 * 20)
  })

  it('leaves the oldest messages out first, and says how many', async () => {
    const session = await prepared()
    const all = await session.context()
    let before = all.messages.length + 1
    for (let maxTokens = all.tokens; maxTokens > 10; maxTokens = Math.floor(maxTokens * 0.8)) {
      const context = await session.context({ maxTokens })
      expect(context.messages.map(({ seq }) => seq)).toEqual(
        all.messages.slice(all.messages.length - context.messages.length).map(({ seq }) => seq),
      )
      expect(context.omitted).toBe(8 - context.messages.length)
      // What stands beside the messages is not left out.
      expect(context.messages.length === 0 || context.tokens <= maxTokens).toBe(true)
      expect(context.messages.length).toBeLessThanOrEqual(before)
      expect(context.summary).toBeDefined()
      before = context.messages.length
    }
    expect(before).toBe(0)
  })

  it('takes the last messages or turns', async () => {
    const session = await prepared()
    expect((await session.context({ last: 3 })).messages.map(({ seq }) => seq)).toEqual([10, 11, 12])
    expect((await session.context({ turns: 2 })).messages.map(({ seq }) => seq)).toEqual([9, 10, 11, 12])
    expect(await session.context({ last: 3 })).toMatchObject({ omitted: 5 })
  })

  it('never begins with the result of a call that is left out', async () => {
    const session = tested.newSession()
    await session.append([
      { role: 'user', content: 'look' },
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: {} }] },
      {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'look', output: { type: 'text', value: 'x' } }],
      },
      { role: 'assistant', content: 'seen' },
    ])
    const context = await session.context({ last: 2 })
    expect(context.messages.map(({ seq }) => seq)).toEqual([4])
    expect(context.omitted).toBe(3)
    expect((await session.context({ last: 3 })).messages.map(({ seq }) => seq)).toEqual([2, 3, 4])
  })

  it('is empty for a session that does not exist', async () => {
    const context = await tested.newSession().context({ maxTokens: 100 })
    expect(context).toMatchObject({
      messages: [],
      state: {},
      facts: [],
      tokens: 0,
      omitted: 0,
      version: '0',
      stale: false,
      corrupt: [],
    })
    expect(context.summary).toBeUndefined()
    expect(context.toPrompt('ai-sdk')).toEqual([])
  })

  it('becomes a prompt in each format', async () => {
    const session = await prepared()
    const context = await session.context({ last: 2 })
    const [system, ...messages] = context.toPrompt('ai-sdk')
    expect(system).toMatchObject({
      role: 'system',
      content: expect.stringMatching(/The first four\.[\s\S]*\+49 30 1234[\s\S]*2026-12-24T18:00:00\.000Z/),
    })
    expect(messages).toEqual([
      { role: 'user', content: words(20) },
      { role: 'assistant', content: words(20) },
    ])
    expect(context.toPrompt('openai')).toHaveLength(3)
    expect(context.toPrompt('anthropic')).toMatchObject({
      system: expect.stringContaining('The first four.'),
      messages: [{ role: 'user' }, { role: 'assistant' }],
    })
  })

  it('names what cannot be read, and gives the rest', async () => {
    const session = await prepared()
    await tested.redis.hset(tested.keyOf(session), { 'm:9': 'broken', 's:phone': '1 x', y: '' })
    const context = await session.context()
    expect(context.messages.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 10, 11, 12])
    expect(context).toMatchObject({ omitted: 0, state: { when: new Date('2026-12-24T18:00:00.000Z') } })
    expect(context.corrupt.map(({ kind, seq, field }) => ({ kind, seq, field }))).toEqual(
      expect.arrayContaining([{ kind: 'message', seq: 9 }, { kind: 'state', field: 'phone' }, { kind: 'summary' }]),
    )
  })

  it.each([{ maxTokens: 0 }, { maxTokens: -5 }, { last: 0 }, { turns: 1.5 }, { token: 5 }])(
    'refuses %j',
    async (options) => {
      await expect(tested.newSession().context(options as object)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    },
  )
})
