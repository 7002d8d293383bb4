import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

describeWithRedis('a write that is repeated two keys later', (redis) => {
  const namespace = `repeats-${randomUUID()}`
  const under = (current: string, ids: readonly number[]) =>
    useMemory(
      redis,
      {
        serialization: { encryption: { current, keys: Object.fromEntries(ids.map((id) => [`k${id}`, testKey(id)])) } },
      },
      namespace,
    )
  const first = under('k1', [1])
  const third = under('k3', [3, 2, 1])
  const withoutFirst = under('k3', [3, 2])
  const options = { operationId: 'operation' }

  it.each<[string, (session: AgentSession, version: string, other: boolean) => Promise<unknown>]>([
    ['append', (session, _, other) => session.append({ role: 'user', content: other ? 'x' : 'b' }, options)],
    ['state.set', (session, _, other) => session.state.set({ a: other ? 2 : new Date(1) }, options)],
    ['state.patch', (session, _, other) => session.state.patch({ trip: { b: other ? 3 : new Map() } }, options)],
    ['state.delete', (session, _, other) => session.state.delete([other ? 'x' : 'trip'], options)],
    [
      'summary.commit',
      (session, version, other) =>
        session.summary.commit({ text: `${other}`, coversSeq: 1, replaces: null, basedOn: version, ...options }),
    ],
    [
      'clear',
      (session, _, other) => (other ? session.append({ role: 'user', content: 'x' }, options) : session.clear(options)),
    ],
    [
      'delete',
      (session, _, other) =>
        other ? session.append({ role: 'user', content: 'x' }, options) : session.delete(options),
    ],
  ])('is known, and told from another of its id: %s', async (_, write) => {
    const session = first.newSession()
    await session.state.set({ trip: { a: 1 } })
    const { version } = await session.append({ role: 'user', content: 'a' })
    const answer = await write(session, version, false)
    const key = first.keyOf(session)
    const before = await first.redis.hgetall(key)
    const later = third.memory.session(session.id)
    const again = await write(later, version, false)
    expect(again).toEqual(typeof answer === 'object' ? { ...answer, duplicate: true } : answer)
    await expect(write(later, version, true)).rejects.toMatchObject({ code: 'OPERATION_REUSED', executed: 'no' })
    expect(await first.redis.hgetall(key)).toEqual(before)
  })

  it('is refused as another one once its key is gone', async () => {
    const session = first.newSession()
    await session.append({ role: 'user', content: 'a' }, options)
    const without = withoutFirst.memory.session(session.id)
    await expect(without.append({ role: 'user', content: 'a' }, options)).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
    })
  })
})
