import { expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const talk = (count: number): { role: 'user'; content: string }[] =>
  Array.from({ length: count }, (_, index) => ({ role: 'user', content: `message ${index}` }))

// The scripts take long lists in pieces of a thousand.
describeWithRedis('more than a thousand at once', (redis) => {
  const tested = useMemory(redis, { session: { maxMessages: 2_600 } })
  const roomy = useMemory(redis)

  /** What the session says of itself, beside what stands in Redis. */
  const counted = async (session: AgentSession): Promise<object> => {
    const hash = await tested.redis.hgetall(tested.keyOf(session))
    const records = Object.entries(hash).filter(([name]) => /^(?:m:|s:|y$)/.test(name))
    const seqs = records.filter(([name]) => name.startsWith('m:')).map(([name]) => Number(name.slice(2)))
    const info = await session.info()
    expect(info).toMatchObject({
      count: seqs.length,
      bytes: records.reduce((sum, [, record]) => sum + Buffer.byteLength(record), 0),
    })
    return { from: Math.min(...seqs), to: Math.max(...seqs), count: seqs.length }
  }

  it('messages are appended, answered again, trimmed and summarised', async () => {
    const session = tested.newSession()
    const messages = talk(2_500)
    const first = await session.append(messages, { operationId: 'many' })
    expect(await counted(session)).toEqual({ from: 1, to: 2_500, count: 2_500 })
    expect(await session.append(messages, { operationId: 'many' })).toEqual({ ...first, duplicate: true })
    expect((await session.messages()).messages).toEqual(first.messages)

    const { trimmed, version: basedOn } = await session.append(talk(1_600))
    expect(trimmed).toBe(1_500)
    expect(await counted(session)).toEqual({ from: 1_501, to: 4_100, count: 2_600 })

    const commit = await session.summary.commit({ text: 'much', coversSeq: 3_700, replaces: null, basedOn })
    expect(commit).toMatchObject({ trimmed: 2_200 })
    expect(await counted(session)).toEqual({ from: 3_701, to: 4_100, count: 400 })
  })

  it('nine thousand are no more than a script can take apart', async () => {
    const session = roomy.newSession()
    const messages = talk(9_000)
    const first = await session.append(messages, { operationId: 'many' })
    expect(await session.append(messages, { operationId: 'many' })).toEqual({ ...first, duplicate: true })
    expect((await session.messages()).messages).toHaveLength(9_000)
    expect((await session.messages({ last: 8_999 })).messages).toHaveLength(8_999)
    const { version: basedOn } = first
    expect(await session.summary.commit({ text: 'all', coversSeq: 9_000, replaces: null, basedOn })).toMatchObject({
      trimmed: 9_000,
    })
    expect(await session.info()).toMatchObject({ count: 0, firstSeq: 9_001, lastSeq: 9_000 })
  })

  it('state fields are all read, and all swept out when they have expired', async () => {
    const session = tested.newSession()
    const values = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field ${index}`, index]))
    await session.state.set(values, { ttl: '1ms' })
    await session.state.set(values)
    expect((await session.state.get()).values).toEqual(values)
    await session.state.delete(Object.keys(values))
    expect((await session.state.get()).values).toEqual({})
    const { bytes } = (await session.info()) as { readonly bytes?: number }
    expect(bytes).toBe(0)
    expect(
      Object.keys(await tested.redis.hgetall(tested.keyOf(session))).filter((name) => /^[ms]:/.test(name)),
    ).toEqual([])
  })
})
