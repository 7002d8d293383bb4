import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

describeWithRedis('bytes that are not UTF-8', (redis) => {
  const namespace = `utf8-${randomUUID()}`
  const keys = { k1: testKey(1) }
  const tested = useMemory(redis, { serialization: { compression: { minBytes: '4kb' } } }, namespace)
  const adopting = useMemory(
    redis,
    { serialization: { encryption: { current: 'k1', keys, allowPlaintext: true } } },
    namespace,
  )
  const { newSession, keyOf } = tested
  const spoil = async (key: string, field: string, text: string): Promise<void> => {
    const record = (await tested.redis.hgetBuffer(key, field))!
    record[record.indexOf(text)] = 0xe9
    await tested.redis.hset(key, field, record)
  }

  it('are reported, instead of being read as another text', async () => {
    const session = newSession()
    const key = keyOf(session)
    const { version } = await session.append(['café', 'b'].map((content) => ({ role: 'user' as const, content })))
    await session.state.set({ place: 'Zürich', trip: { to: 'Bern' } })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    await session.append({ role: 'user', content: 'c' })
    for (const [field, text] of Object.entries({ 'm:2': 'b"]', 's:place': 'ich', 's:trip': 'ern', y: 'far' })) {
      await spoil(key, field, text)
    }
    const reason = 'not UTF-8'
    const corrupt = [
      { kind: 'message', seq: 2, reason },
      { kind: 'state', field: 'place', reason },
      { kind: 'state', field: 'trip', reason },
      { kind: 'summary', reason },
    ]
    const context = await session.context()
    expect(context.messages.map(({ content }) => content)).toEqual(['c'])
    expect(context.state).toEqual({})
    expect(context.corrupt).toHaveLength(4)
    expect(context.corrupt).toEqual(expect.arrayContaining(corrupt))
    const rotated = await adopting.memory.session(session.id).reencrypt()
    expect(rotated).toMatchObject({ reencrypted: 1, remaining: 0 })
    expect(rotated.corrupt).toHaveLength(4)
  })

  it('are told from the character that stands for them, which is a text as any other', async () => {
    const session = newSession()
    const content = 'a \ufffd b'
    const values = {
      text: content,
      [content]: { [content]: [content], other: new Date(0) },
      long: content.repeat(2_000),
      plain: { a: 1 },
    }
    const { version } = await session.append({ role: 'user', content, metadata: { [content]: content } })
    await session.state.set(values)
    await session.state.patch({ [content]: { more: content } })
    await session.state.patch({ [content]: { less: 1 } })
    expect((await tested.redis.hget(keyOf(session), `s:${content}`))!).toMatch(
      /^1 \S+ \d+ 0 x ~\{"a \\ufffd b":\["a \\ufffd b"\]/,
    )
    await session.summary.commit({ text: content, coversSeq: 1, replaces: null, basedOn: version })
    await session.append({ role: 'user', content, metadata: { [content]: content } })
    const check = async ({ memory }: typeof tested): Promise<void> => {
      const context = await memory.session(session.id).context()
      expect(context.corrupt).toEqual([])
      expect(context.messages).toMatchObject([{ content, metadata: { [content]: content } }])
      expect(context.state).toEqual({
        ...values,
        [content]: { ...(values[content] as object), more: content, less: 1 },
      })
      expect(context.summary?.text).toBe(content)
    }
    await check(tested)
    expect(await adopting.memory.session(session.id).reencrypt()).toMatchObject({ reencrypted: 6, corrupt: [] })
    // A process without keys would merge by an index that is left.
    expect(await tested.redis.hget(keyOf(session), 's:plain')).toMatch(/^1 \S+ \d+ 0 x ek1\./)
    const hash = await tested.redis.hgetall(keyOf(session))
    const records = Object.entries(hash).filter(([field]) => /^(?:[ms]:|y$)/.test(field))
    expect(Number(hash['b'])).toBe(records.reduce((sum, [, record]) => sum + Buffer.byteLength(record), 0))
    await check(adopting)
  })
})
