import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

describeWithRedis('writes of several kinds that are not awaited', (redis) => {
  const memories = {
    plain: useMemory(redis),
    compressed: useMemory(redis, { serialization: { compression: true } }),
    encrypted: useMemory(redis, { serialization: { encryption: { current: 'k', keys: { k: testKey(5) } } } }),
  }

  it('are made in the order of their calls also where a patch is merged by this side', async () => {
    const session = memories.compressed.newSession()
    const text = 'x'.repeat(5_000)
    await session.state.set({ a: { text, n: 0 } })
    await Promise.all([
      session.append({ role: 'user', content: 'first' }),
      session.state.patch({ a: { n: 1, of: 'the patch' } }),
      session.state.set({ a: { text, n: 2 } }),
      session.append({ role: 'user', content: 'fourth' }),
    ])
    expect((await session.state.get()).values).toEqual({ a: { text, n: 2 } })
  })

  it.each(['plain', 'encrypted'] as const)('are made in the order of their calls (%s)', async (kind) => {
    const session = memories[kind].newSession()
    const results = await Promise.all([
      session.append({ role: 'user', content: 'first' }),
      session.state.set({ a: { b: 1 } }),
      session.append({ role: 'user', content: 'third' }),
      session.state.patch({ a: { c: 2 } }),
      session.state.delete(['a']),
      session.append({ role: 'user', content: 'sixth' }),
    ])
    expect(results.map(({ version }) => Number.parseInt(version, 10))).toEqual([1, 2, 3, 4, 5, 6])
    expect((await session.state.get()).values).toEqual({})
  })
})
