import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { SessionDeletedError, SessionNotFoundError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('the life of a session', (redis) => {
  const namespace = randomUUID()
  const tested = useMemory(redis, { resilience: { onLoss: 'report' } }, namespace)
  const hasty = useMemory(redis, { session: { ttl: '1h' } }, namespace)
  const sliding = useMemory(redis, { session: { ttl: '2s', maxAge: '1h' } })
  const fixed = useMemory(redis, { session: { ttl: '1s', sliding: false } })
  const aged = useMemory(redis, { session: { ttl: '600ms', maxAge: '1200ms' } })

  it('tells what is known of it', async () => {
    const session = tested.newSession({ userId: 'ada' })
    await session.append([hello, hello])
    const { version } = await session.state.set({ a: 1 })
    const info = await session.info()
    expect(info).toMatchObject({ exists: true, version, count: 2, firstSeq: 1, lastSeq: 2, userId: 'ada' })
    if (!info.exists) throw new Error('it exists')
    expect(info.updatedAt.getTime()).toBeGreaterThanOrEqual(info.createdAt.getTime())
    expect(info.expiresAt.getTime() - info.updatedAt.getTime()).toBe(7 * 86_400_000)
    expect(info.endsAt.getTime() - info.createdAt.getTime()).toBe(90 * 86_400_000)
  })

  it('is extended by every use but info, and expires by itself', async () => {
    const session = sliding.newSession()
    await session.append(hello)
    const key = sliding.keyOf(session)
    const uses: [string, () => Promise<unknown>][] = [
      ['append', () => session.append(hello)],
      ['messages', () => session.messages({ last: 1 })],
      ['context', () => session.context()],
      ['state.set', () => session.state.set({ a: 1 })],
      ['state.get', () => session.state.get()],
      ['state.value', () => session.state.value('a')],
      ['state.delete', () => session.state.delete(['a'])],
      ['summary.get', () => session.summary.get()],
      ['touch', () => session.touch()],
      ['clear', () => session.clear()],
    ]
    for (const [name, use] of uses) {
      const expiry = await sliding.redis.pexpiretime(key)
      // Reads extend it once a hundredth of the ttl has passed.
      await poll(async () => (await sliding.redis.pttl(key)) < 1_950)
      await session.info()
      expect({ name, expiry: await sliding.redis.pexpiretime(key) }).toEqual({ name, expiry })
      await use()
      expect({ name, extended: (await sliding.redis.pexpiretime(key)) > expiry }).toEqual({ name, extended: true })
    }
    await poll(async () => !(await session.info()).exists)
    expect(await sliding.redis.exists(key)).toBe(0)
  })

  it('is never made shorter than others were told, and never left without an end', async () => {
    const session = tested.newSession()
    await session.append(hello)
    const key = tested.keyOf(session)
    const other = hasty.memory.session(session.id)
    const writes: [string, () => Promise<unknown>][] = [
      ['append', () => other.append(hello)],
      ['state.set', () => other.state.set({ a: 1 })],
      ['clear', () => other.clear()],
    ]
    const told = await tested.redis.pexpiretime(key)
    for (const [name, write] of writes) {
      await write()
      expect({ name, expires: await tested.redis.pexpiretime(key) }).toEqual({ name, expires: told })
    }
    for (const [name, write] of writes) {
      await tested.redis.persist(key)
      await write()
      const ttl = await tested.redis.pttl(key)
      expect({ name, inAnHour: ttl > 3_500_000 && ttl <= 3_600_000 }).toEqual({ name, inAnHour: true })
    }
  })

  it('is not extended by use without sliding', async () => {
    const session = fixed.newSession()
    await session.append(hello)
    const first = await session.info()
    await session.append(hello)
    await session.messages()
    expect(await session.touch()).toEqual({ expiresAt: first.exists && first.expiresAt })
    expect(first).toMatchObject({ endsAt: first.exists && first.expiresAt })
  })

  it('ends at maxAge however much it is used', async () => {
    const session = aged.newSession()
    await session.append(hello)
    const info = await session.info()
    const end = info.exists ? info.endsAt.getTime() : 0
    let appends = 0
    await poll(async () => {
      appends++
      const { messages } = await session.append(hello)
      return messages[0]!.seq === 1
    })
    expect(appends).toBeGreaterThan(10)
    const again = await session.info()
    expect(again.exists && again.createdAt.getTime()).toBeGreaterThanOrEqual(end)
  })

  it('is over at its end, also while its key is still there', async () => {
    const session = tested.newSession({ userId: 'ada' })
    const first = await session.append([hello, hello], { operationId: 'before' })
    await session.state.set({ a: 1 })
    await tested.redis.hset(tested.keyOf(session), 'x', Date.now() - 1)
    const again = await tested.memory
      .session(session.id, { userId: 'bob' })
      .append(hello, { operationId: 'before', expectedVersion: '0' })
    expect(again).toMatchObject({ duplicate: false, messages: [{ seq: 1 }] })
    expect(again.version).not.toBe(first.version)
    const fields = await tested.redis.hkeys(tested.keyOf(session))
    expect(fields.filter((field) => /^[ms]:/.test(field))).toEqual(['m:1'])
  })

  it('cannot be touched when it is not there', async () => {
    await expect(tested.newSession().touch()).rejects.toThrow(SessionNotFoundError)
  })

  it('is emptied by clear, and goes on', async () => {
    const session = tested.newSession({ userId: 'ada' })
    const first = await session.append([hello, hello], { operationId: 'before' })
    await session.state.set({ a: 1 })
    const { version, duplicate } = await session.clear({ operationId: 'clear' })
    expect(duplicate).toBe(false)
    expect(await session.info()).toMatchObject({
      exists: true,
      version,
      count: 0,
      bytes: 0,
      firstSeq: 3,
      lastSeq: 2,
      userId: 'ada',
    })
    expect(await session.messages()).toMatchObject({ messages: [], version })
    expect((await session.state.get()).values).toEqual({})

    const { messages } = await session.append(hello)
    expect(messages[0]?.seq).toBe(3)
    expect(await session.append([hello, hello], { operationId: 'before' })).toMatchObject({
      duplicate: true,
      version: first.version,
    })
    expect(await session.clear({ operationId: 'clear' })).toEqual({ version, duplicate: true })
    expect((await session.messages()).messages).toHaveLength(1)
  })

  it('is deleted, and refuses late retries of what was before', async () => {
    const session = tested.newSession({ userId: 'ada' })
    await session.append(hello, { operationId: 'before' })
    const { version } = await session.state.set({ secret: 'value' })
    expect(await session.delete({ operationId: 'delete' })).toBe(true)

    expect(await session.info()).toEqual({ exists: false, version: '0', stale: false })
    expect(await session.messages()).toMatchObject({ messages: [], version: '0' })
    const rest = await tested.redis.hgetall(tested.keyOf(session))
    expect(Object.keys(rest).toSorted()).toEqual(['D', 'k', 'o0', 'q', 'v'])
    expect(await tested.redis.pttl(tested.keyOf(session))).toBeGreaterThan(86_000_000)

    await expect(session.append(hello, { operationId: 'before' })).rejects.toThrow(SessionDeletedError)
    expect(await session.delete({ operationId: 'delete' })).toBe(true)
    expect(await session.delete()).toBe(false)

    const again = await tested.memory.session(session.id, { userId: 'bob' }).append(hello, { expectedVersion: '0' })
    expect(again.messages[0]?.seq).toBe(2)
    expect(again.version).not.toBe(version)
    await expect(session.append(hello)).rejects.toThrow(SessionNotFoundError)
    await expect(tested.memory.session(session.id).append(hello, { operationId: 'before' })).rejects.toThrow(
      SessionDeletedError,
    )
    expect(await tested.memory.session(session.id).delete({ operationId: 'delete' })).toBe(true)
    expect((await tested.memory.session(session.id).messages()).messages).toHaveLength(1)
  })

  it('refuses a deletion of another version', async () => {
    const session = tested.newSession()
    const { version } = await session.append(hello)
    await session.append(hello)
    await expect(session.delete({ expectedVersion: version })).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
    await expect(session.clear({ expectedVersion: version })).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
    expect((await session.messages()).messages).toHaveLength(2)
  })

  it('is deleted also when it was never there, so that a write still on its way finds that', async () => {
    const session = tested.newSession()
    expect(await session.delete()).toBe(false)
    expect(await tested.redis.pttl(tested.keyOf(session))).toBeGreaterThan(0)
    expect(await tested.newSession().clear()).toEqual({ version: '0', duplicate: false })
  })
})
