import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

const encrypted = (current: string, keys: unknown) => ({
  serialization: { encryption: { current, keys: keys as Record<string, Buffer> } },
  // Sessions that come to their end are removed by hand.
  resilience: { deadline: '5s' as const, onLoss: 'report' as const },
})

describeWithRedis('a rotation among other writers', (redis) => {
  const namespace = `rotation-races-${randomUUID()}`
  const both: Record<string, Buffer> = { k1: testKey(1), k2: testKey(2) }
  const old = useMemory(redis, encrypted('k1', both), namespace)
  const fresh = useMemory(redis, encrypted('k2', both), namespace)
  /** What is done while the keys are asked for: between the read and the write of a rotation. */
  let between: ((id: string) => Promise<void>) | undefined
  const slowProvider = async (id: string): Promise<Buffer | undefined> => {
    await between?.(id)
    return both[id]
  }
  const slow = useMemory(redis, encrypted('k2', slowProvider), namespace)
  const alsoSlow = useMemory(redis, encrypted('k2', slowProvider), namespace)
  const newest = useMemory(redis, encrypted('k2', { k2: testKey(2) }), namespace)
  const away = useMemory(
    redis,
    encrypted('k1', async (id: string) => {
      if (id !== 'k1') throw new Error('the key service is away')
      return both[id]
    }),
    namespace,
  )

  it('counts in numbers when the session is deleted under its hands', async () => {
    const session = old.newSession()
    await session.append({ role: 'user', content: 'a' })
    between = async (id) => {
      if (id === 'k1') await session.delete()
    }
    expect(await slow.memory.session(session.id).reencrypt()).toEqual({
      reencrypted: 0,
      current: 0,
      remaining: 1,
      corrupt: [],
    })
    expect(await session.info()).toMatchObject({ exists: false })
    expect(await redisKeysWithoutTtl(old.keyOf(session))).toEqual([])
  })

  it('loses no write of those that go on meanwhile', async () => {
    const session = old.newSession()
    const rotating = fresh.memory.session(session.id)
    const { version } = await session.append({ role: 'user', content: 'begin' })
    await session.state.set({ trip: {} })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    const contents = Array.from({ length: 60 }, (_, index) => `${index}`)
    const done = new AbortController()
    const writing = (async () => {
      await Promise.all(
        contents.flatMap((content, index) => [
          (index % 2 === 0 ? session : rotating).append({ role: 'user', content }),
          (index % 3 === 0 ? session : rotating).state.patch({ trip: { [content]: index } }),
        ]),
      )
      done.abort()
    })()
    const rotations = (async () => {
      for (let round = 0; round < 1_000 && !done.signal.aborted; round++) await rotating.reencrypt()
    })()
    await Promise.all([writing, rotations])
    for (let round = 0; round < 5; round++) await rotating.reencrypt()
    const { messages, state, corrupt } = await rotating.context()
    expect(corrupt).toEqual([])
    expect(messages).toHaveLength(contents.length)
    expect(new Set(messages.map(({ content }) => content))).toEqual(new Set(contents))
    for (const half of [0, 1]) {
      const ofOne = messages.map(({ content }) => Number(content)).filter((index) => index % 2 === half)
      expect(ofOne).toEqual(ofOne.toSorted((a, b) => a - b))
    }
    expect(state).toEqual({ trip: Object.fromEntries(contents.map((content, index) => [content, index])) })
    const key = old.keyOf(session)
    const hash = await old.redis.hgetall(key)
    expect(JSON.stringify(hash) + (await old.redis.get(`${key}:summary`))).not.toContain('ek1.')
    const bytes = Object.entries(hash).filter(([field]) => /^(?:[ms]:|y$)/.test(field))
    expect(Number(hash['b'])).toBe(bytes.reduce((sum, [, record]) => sum + record.length, 0))
    expect(Number(hash['n'])).toBe(contents.length)
    expect(await redisKeysWithoutTtl(key)).toEqual([])
  }, 60_000)

  it('does not make a repeated commit say that its summary does not outlive the session', async () => {
    const session = old.newSession()
    const { version } = await session.append({ role: 'user', content: 'a' })
    const commit = { text: 'so far', coversSeq: 1, replaces: null, basedOn: version, operationId: 'commit' }
    const first = await session.summary.commit(commit)
    expect(first.outlives).toBe(true)
    const rotating = fresh.memory.session(session.id)
    await rotating.reencrypt()
    const copy = await old.redis.get(`${old.keyOf(session)}:summary`)
    expect(await rotating.summary.commit(commit)).toEqual({ ...first, duplicate: true })
    expect(await old.redis.get(`${old.keyOf(session)}:summary`)).toBe(copy)
  })

  it('counts a copy that another one has taken the place of meanwhile', async () => {
    const session = old.newSession()
    const copy = `${old.keyOf(session)}:summary`
    const { version } = await session.append({ role: 'user', content: 'a' })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    await old.redis.del(old.keyOf(session))
    const newer = (await old.redis.get(copy))!.replace(/^2 /, '3 ')
    between = async (id) => {
      if (id === 'k1') await old.redis.set(copy, newer, 'PX', 60_000)
    }
    expect(await alsoSlow.memory.session(session.id).reencrypt()).toMatchObject({ remaining: 1 })
    expect(await old.redis.get(copy)).toBe(newer)
    expect(await alsoSlow.memory.session(session.id).reencrypt()).toMatchObject({ remaining: 0 })
    expect(await old.redis.get(copy)).toMatch(/^3 1 \d+ :.* ek2\./)
  })

  it('refuses a patch to a value whose key it does not have, and leaves the value', async () => {
    const session = old.newSession()
    await session.state.set({ trip: { to: 'Bern' } })
    const record = await old.redis.hget(old.keyOf(session), 's:trip')
    await expect(newest.memory.session(session.id).state.patch({ trip: { a: 1 } })).rejects.toMatchObject({
      code: 'CORRUPT',
      executed: 'no',
      path: 'values.trip',
    })
    expect(await old.redis.hget(old.keyOf(session), 's:trip')).toBe(record)
    await session.state.patch({ trip: { a: 1 } })
    expect(await session.state.value('trip')).toEqual({ to: 'Bern', a: 1 })
  })

  it('rewrites the copy of a summary whose session is gone, and a new session begins with it', async () => {
    const session = old.newSession({ userId: 'ada' })
    const { version } = await session.append(['a', 'b', 'c'].map((content) => ({ role: 'user' as const, content })))
    await session.summary.commit({ text: 'so far', coversSeq: 2, replaces: null, basedOn: version })
    const key = old.keyOf(session)
    await old.redis.del(key)
    await old.redis.pexpire(`${key}:summary`, 60_000)
    const rotating = fresh.memory.session(session.id, { userId: 'ada' })
    await rotating.reencrypt()
    const copy = (await old.redis.get(`${key}:summary`)) ?? ''
    expect(copy).toContain('ek2.')
    expect(copy).not.toContain('ek1.')
    const left = await old.redis.pttl(`${key}:summary`)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(60_000)
    expect(await old.redis.exists(key)).toBe(0)
    expect(await rotating.summary.get()).toMatchObject({ text: 'so far', coversSeq: 2 })
    const { messages } = await rotating.append({ role: 'user', content: 'd' }, { operationId: 'd' })
    expect(messages[0]!.seq).toBe(3)
    expect(await rotating.append({ role: 'user', content: 'd' }, { operationId: 'd' })).toMatchObject({
      duplicate: true,
      messages: [{ seq: 3, content: 'd' }],
    })
    expect(await rotating.context()).toMatchObject({ summary: { text: 'so far' }, corrupt: [], omitted: 0 })
    expect(Number(await old.redis.hget(key, 'b'))).toBe(
      (await old.redis.hstrlen(key, 'y')) + (await old.redis.hstrlen(key, 'm:3')),
    )
  })

  it('knows a repeated append without the key its message stands under by now', async () => {
    const session = away.newSession()
    const options = { operationId: 'turn' }
    const createdAt = new Date(1_700_000_000_000)
    const message = { role: 'user' as const, content: 'a', metadata: { at: new Date(5) }, createdAt }
    const first = await session.append(message, options)
    await fresh.memory.session(session.id).reencrypt()
    expect(await session.append(message, options)).toEqual({ ...first, duplicate: true })
    await expect(session.messages()).rejects.toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
  })

  const redisKeysWithoutTtl = async (key: string): Promise<string[]> => {
    const keys = [key, `${key}:summary`]
    const ttls = await Promise.all(keys.map((one) => old.redis.pttl(one)))
    return keys.filter((_, index) => ttls[index] === -1)
  }
})
