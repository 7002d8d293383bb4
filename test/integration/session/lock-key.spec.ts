import { expect, it } from '@jest/globals'
import { describeWithRedis, expectNoImmortalKeys } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('the key of a locked session', (redis) => {
  const tested = useMemory(redis, { session: { ttl: '10m' }, resilience: { onLoss: 'report' } })
  it('is there for an absent session, with an end, and is no session', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.withLock(
      async ({ fence }) => {
        expect((await tested.redis.hkeys(key)).toSorted()).toEqual(['F', 'L'])
        expect(await tested.redis.hget(key, 'F')).toBe(String(fence))
        const ttl = await tested.redis.pttl(key)
        expect(ttl).toBeGreaterThan(4_900)
        expect(ttl).toBeLessThanOrEqual(6_000)
        expect(await session.info()).toEqual({ exists: false, version: '0', stale: false })
        expect(await session.messages()).toMatchObject({ messages: [], version: '0' })
        await expect(session.touch()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
      },
      { ttl: '5s' },
    )
    expect(await tested.redis.hkeys(key)).toEqual(['F'])
    expect(await tested.redis.pttl(key)).toBeGreaterThan(0)
  })

  it('may become a session under the lock, which stays', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.withLock(async () => {
      const limit = await tested.redis.hget(key, 'L')
      expect((await session.append(hello, { expectedVersion: '0' })).messages[0]?.seq).toBe(1)
      expect(await tested.redis.hget(key, 'L')).toBe(limit)
      expect(await tested.redis.pttl(key)).toBeGreaterThan(500_000)
    })
    expect(await session.info()).toMatchObject({ exists: true, count: 1 })
    expect(await tested.redis.hget(key, 'L')).toBeNull()
  })

  it('keeps the expiry of the session, unless the lock goes beyond it', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.append(hello)
    const expires = await tested.redis.pexpiretime(key)
    await session.withLock(async () => expect(await tested.redis.pexpiretime(key)).toBe(expires))
    expect(await tested.redis.pexpiretime(key)).toBe(expires)
    await session.withLock(async () => expect(await tested.redis.pttl(key)).toBeGreaterThan(3_590_000), {
      ttl: '1h',
    })
  })

  it('is the one of a deleted session, whose deletion is remembered', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    const { fence: first } = await session.withLock(({ fence }) => ({ fence }))
    await session.append(hello, { operationId: 'before' })
    await session.delete()
    await session.withLock(async ({ fence }) => {
      expect(fence).toBeGreaterThan(first)
      expect(await tested.redis.hexists(key, 'D')).toBe(1)
      expect(await tested.redis.pttl(key)).toBeGreaterThan(80_000_000)
      await expect(session.append(hello, { operationId: 'before' })).rejects.toMatchObject({ code: 'SESSION_DELETED' })
    })
  })

  it('holds nothing of a session that is past its end', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    const first = await session.withLock(({ fence }) => fence)
    await session.append(hello)
    // The end of its lifetime has come, and the key is there yet.
    await tested.redis.hset(key, { x: String(Date.now() - 5), U: 'ada', F: String(first + 1e12) })
    await tested.memory.session(session.id, { userId: 'bob' }).withLock(async ({ fence }) => {
      expect(fence).toBe(first + 1e12 + 1)
      expect((await tested.redis.hkeys(key)).toSorted()).toEqual(['F', 'L'])
      expect(await tested.redis.pttl(key)).toBeGreaterThan(0)
    })
  })

  it('goes when the session ends, also when a lock went beyond that', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.append(hello)
    const ends = Date.now() + 60_000
    await tested.redis.hset(key, 'x', String(ends))
    await session.withLock(async () => expect(await tested.redis.pexpiretime(key)).toBeGreaterThan(ends + 3_000_000), {
      ttl: '1h',
    })
    expect(await tested.redis.pexpiretime(key)).toBe(ends)
  })

  it('gives a greater fence to each, also after it was lost and made again', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    const fences: number[] = []
    for (let round = 0; round < 5; round++) {
      fences.push(await session.withLock(({ fence }) => fence))
      await session.append(hello)
      fences.push(await session.withLock(({ fence }) => fence))
      await tested.redis.unlink(key)
    }
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b))
    expect(fences[0]).toBeGreaterThan(1.7e15)
    expect(fences.at(-1)).toBeLessThan(Number.MAX_SAFE_INTEGER)
  })

  it('never lives for ever', async () => {
    expect(await expectNoImmortalKeys(redis, { pattern: `am:{${tested.namespace}:*` })).toBeGreaterThan(3)
  })
})
