import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

const LONG = 'all work and no play '.repeat(500)

describeWithRedis('compression', (redis) => {
  const namespace = `compression-${process.pid}`
  const plain = useMemory(redis, {}, namespace)
  const compressing = useMemory(redis, { serialization: { compression: true } }, namespace)
  const both = useMemory(redis, {
    serialization: { compression: { minBytes: '8kb' }, encryption: { current: 'k', keys: { k: testKey(3) } } },
    session: { maxMessageBytes: '16kb' },
  })

  it('makes large payloads small, leaves small ones readable, and is read without it', async () => {
    const session = compressing.newSession()
    await session.append([
      { role: 'user', content: LONG },
      { role: 'user', content: 'short' },
    ])
    const [long, short] = await compressing.redis.hmget(compressing.keyOf(session), 'm:1', 'm:2')
    expect(long).toMatch(/ z\d+\.[A-Za-z0-9+/]+=*$/)
    expect(long!.length).toBeLessThan(LONG.length / 10)
    expect(short).toContain('["short"]')
    const read = await plain.memory.session(session.id).messages()
    expect(read.corrupt).toEqual([])
    expect(read.messages.map(({ content }) => content)).toEqual([LONG, 'short'])
  })

  it('merges patches to objects that are compressed, on either side', async () => {
    const session = compressing.newSession()
    const other = plain.memory.session(session.id)
    await session.state.set({ notes: { a: LONG, n: 1 } })
    await other.state.patch({ notes: { b: 2 } })
    await other.state.patch({ notes: { a: 'short' } })
    await session.state.patch({ notes: { c: new Date(0), d: LONG } })
    expect(await session.state.value('notes')).toEqual({ a: 'short', n: 1, b: 2, c: new Date(0), d: LONG })
  })

  it('goes with encryption, and leaves the limits those of the text', async () => {
    const session = both.newSession()
    await session.append({ role: 'user', content: LONG })
    const record = (await both.redis.hget(both.keyOf(session), 'm:1'))!
    expect(record).toContain(' ek.')
    expect(record.length).toBeLessThan(LONG.length / 10)
    expect((await session.messages()).messages[0]?.content).toBe(LONG)
    await expect(session.append({ role: 'user', content: LONG + LONG })).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })

  it('does not inflate a bomb', async () => {
    const session = compressing.newSession()
    await session.append([
      { role: 'user', content: LONG },
      { role: 'user', content: 'b' },
    ])
    const key = compressing.keyOf(session)
    const record = (await compressing.redis.hget(key, 'm:1'))!
    for (const size of ['9999999999', '100000000', '10']) {
      await compressing.redis.hset(key, 'm:1', record.replace(/ z\d+\./, ` z${size}.`))
      const { messages, corrupt } = await session.messages()
      expect(messages).toHaveLength(1)
      expect(corrupt).toHaveLength(1)
    }
  })
})
