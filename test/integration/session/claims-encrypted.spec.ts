import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { answered, claim, claimed, claimKeyOf } from '../../support/claims.js'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

const SECRET = 'the door code is 4711'
const keysOf = (ids: readonly number[]): Record<string, Buffer> =>
  Object.fromEntries(ids.map((id) => [`k${id}`, testKey(id)]))

const digestIn = (standing: string | null): string => standing!.split(' ')[2]!

/** As if the process had just started. */
const forget = (session: AgentSession, keyId: string): void => {
  const { records } = session as unknown as {
    records: { codec: { envelope: { ring: { keys: Map<string, unknown> } } } }
  }
  records.codec.envelope.ring.keys.delete(keyId)
}

describeWithRedis('the claim on a turn of an encrypted session', (redis) => {
  const namespace = `claims-${randomUUID()}`
  const under = (current: string, ids: readonly number[]) =>
    useMemory(redis, { serialization: { encryption: { current, keys: keysOf(ids) } } }, namespace)
  const first = under('k1', [1])
  const second = under('k2', [1, 2])
  const without = under('k2', [2])
  const asked: string[] = []
  const asksFor = (): number => asked.filter((id) => id === 'k1').length
  const provided = useMemory(
    redis,
    {
      serialization: {
        encryption: {
          current: 'k2',
          keys: async (id) => {
            asked.push(id)
            return keysOf([1, 2])[id]
          },
        },
      },
    },
    namespace,
  )
  const nowhere = useMemory(
    redis,
    { serialization: { encryption: { current: 'k9', keys: async (id) => keysOf([1])[id] } } },
    namespace,
  )
  const plain = useMemory(redis, {}, namespace)
  const stands = (session: AgentSession): Promise<string | null> => first.redis.get(claimKeyOf(first.keyOf(session)))
  const turn = { payload: SECRET }

  it('shows neither what the user said nor the answer, and gives the answer', async () => {
    const session = first.newSession()
    const held = await claimed(session, turn)
    const running = (await stands(session))!
    const answer = { text: SECRET, at: new Date(5) }
    expect(await answered(held, answer)).toEqual(answer)
    const written = (await stands(session))!
    expect(written).toMatch(/^a \d+ [\da-f]{32} ek1\./)
    expect(running + written).not.toContain('4711')
    expect(await claim(session, turn)).toMatchObject({ state: 'answered', answer })
    await expect(claim(session, { payload: 'else' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
  })

  it('has a digest that nobody without the key can compute', async () => {
    const [session, open] = [first.newSession(), plain.memory.session('open')]
    const ours = await claimed(session, turn)
    const theirs = await claimed(open, turn)
    const [keyed, unkeyed] = [digestIn(await stands(session)), digestIn(await stands(open))]
    // Of the key's name and of the message: the name is no secret.
    expect(keyed.slice(0, 16)).toBe(unkeyed.slice(0, 16))
    expect(keyed.slice(16)).not.toBe(unkeyed.slice(16))
    await Promise.all([ours.release(), theirs.release()])
  })

  it('is known after a rotation, when it runs and when it was answered', async () => {
    const session = first.newSession()
    const held = await claimed(session, turn)
    const later = [second, provided].map(({ memory }) => memory.session(session.id))
    for (const one of later) {
      await expect(claim(one, { ...turn, wait: 0 })).rejects.toMatchObject({ code: 'LOCKED' })
      await expect(claim(one, { payload: 'else' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    }
    await held.answer({ text: SECRET })
    for (const one of later) {
      expect(await claim(one, turn)).toMatchObject({ state: 'answered', answer: { text: SECRET } })
      await expect(claim(one, { payload: 'else' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    }
  })

  it('is known to a process that has not needed its key before', async () => {
    const session = first.newSession()
    const held = await claimed(session, turn)
    const fresh = provided.memory.session(session.id)
    const before = asksFor()
    forget(fresh, 'k1')
    await expect(claim(fresh, { ...turn, wait: 0 })).rejects.toMatchObject({ code: 'LOCKED' })
    expect(asksFor()).toBe(before + 1)
    await held.answer({ text: SECRET })
    forget(fresh, 'k1')
    expect(await claim(fresh, turn)).toMatchObject({ answer: { text: SECRET } })
    expect(asksFor()).toBe(before + 2)
  })

  it('is another’s once its key is gone, and is not overwritten', async () => {
    const session = first.newSession()
    await (await claimed(session, turn)).answer('under k1')
    await expect(claim(without.memory.session(session.id), turn)).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    expect(await claim(second.memory.session(session.id), turn)).toMatchObject({ answer: 'under k1' })
  })

  it('an answer opens only under the key of its claim, and for what the user said', async () => {
    const [session, another] = [first.newSession(), first.newSession()]
    await (await claimed(session, turn)).answer('of one')
    await (await claimed(session, { ...turn, key: 'second' })).answer('of two')
    const key = claimKeyOf(first.keyOf(session))
    const moved = await first.redis.get(claimKeyOf(first.keyOf(session), { key: 'second' }))
    const [, time, , payload] = moved!.split(' ')
    const [, , digest] = (await first.redis.get(key))!.split(' ')
    await first.redis.set(key, `a ${time} ${digest} ${payload}`, 'PX', 60_000)
    await expect(claim(session, turn)).rejects.toMatchObject({ code: 'CORRUPT', executed: 'no' })
    await (await claimed(another, { payload: 'else' })).answer('of else')
    const there = claimKeyOf(first.keyOf(another))
    const [, , , ofElse] = (await first.redis.get(there))!.split(' ')
    await first.redis.set(there, `a ${time} ${digest} ${ofElse}`, 'PX', 60_000)
    await expect(claim(another, turn)).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('is not made without a key to write with', async () => {
    const session = nowhere.memory.session('nowhere')
    await expect(claim(session, turn)).rejects.toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
    expect(await stands(session)).toBeNull()
  })
})
