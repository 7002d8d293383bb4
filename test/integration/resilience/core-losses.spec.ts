import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { MemoryModule, type MemoryModuleOptions } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { RedisConnection } from '../../../lib/redis/connection.js'
import { poll } from '../../support/poll.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** What each of five calls at once comes to. */
const all = <T>(call: () => Promise<T>): Promise<string[]> =>
  Promise.all(
    Array.from({ length: 5 }, () =>
      call().then(
        () => 'no error',
        (error: { code: string }) => error.code,
      ),
    ),
  )

describeWithRedis('what is no loss', (redis) => {
  const namespace = `core-losses-${randomUUID()}`
  const long = useMemory(redis, { session: { ttl: '1h' } }, namespace)
  const short = useMemory(redis, { session: { ttl: '1s' } }, namespace)
  const away = useFaultyMemory(redis, { session: { ttl: '1s' } }, namespace)

  /** Until Redis has no session any more. */
  const ended = (id: string): Promise<unknown> =>
    poll(async () => (await long.redis.exists(long.keyOf({ id, tenant: undefined }))) === 0)

  it('a write of a process with a shorter ttl: the session stays as long as others were told', async () => {
    const [mine, theirs] = [long.memory.session('ttl'), short.memory.session('ttl')]
    const { version } = await mine.append(user('0'))
    await mine.summary.commit({ text: 'all', coversSeq: 1, replaces: null, basedOn: version })
    const before = await mine.info()
    await theirs.append(user('1'))
    const after = await theirs.info()
    expect(after.exists && before.exists && after.expiresAt >= before.expiresAt).toBe(true)
  })

  it('the end of a session while a call waits, and another one of the same id', async () => {
    const [read, written] = [away.memory.session('waits-read'), away.memory.session('waits-write')]
    await Promise.all([read.append(user('old')), written.append(user('old'))])
    await sleep(600)
    await away.proxy.refuse()
    const calls = Promise.all([read.messages(), written.append(user('mine'))])
    calls.catch(() => undefined)
    await Promise.all([ended(read.id), ended(written.id)])
    for (const { id } of [read, written]) await long.memory.session(id).append(user('theirs'))
    await away.proxy.restore()
    const [{ messages }, { messages: mine }] = await calls
    expect(messages.map(({ content }) => content)).toEqual(['theirs'])
    expect(mine.map(({ seq }) => seq)).toEqual([2])
    expect(away.memory.status().lostSessions).toBe(0)
  })

  it('a deletion by another process, also when others have begun the session again', async () => {
    for (const [id, call] of [
      ['again-read', (session: StoringSession) => session.messages()],
      ['again-write', (session: StoringSession) => session.append(user('2'))],
    ] as const) {
      const session = short.memory.session(id)
      await session.append([user('0'), user('1')])
      await long.memory.session(id).delete()
      await long.memory.session(id).append(user('anew'))
      await expect(call(session)).resolves.toBeDefined()
    }
    expect(short.memory.status().lostSessions).toBe(0)
  })

  it('a deletion, for a summary of what was deleted: it is refused', async () => {
    const session = short.memory.session('summary')
    const { version } = await session.append(user('0'))
    await session.delete()
    await session.append(user('1'))
    await expect(
      session.summary.commit({ text: 's', coversSeq: 2, replaces: null, basedOn: version }),
    ).rejects.toMatchObject({ code: 'VERSION_MISMATCH', path: 'summary.basedOn' })
  })

  it('a deletion by another process, for a write that needs the session', async () => {
    const { version } = await short.memory.session('deleted').append(user('0'))
    await long.memory.session('deleted').delete()
    await expect(
      short.memory.session('deleted').summary.commit({ text: 's', coversSeq: 1, replaces: null, basedOn: version }),
    ).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    expect(short.memory.status().lostSessions).toBe(0)
  })

  describe('with a clock that has gone wrong', () => {
    let tested: MemoryTestingModule
    beforeAll(async () => {
      const options: MemoryModuleOptions = { connection: redis.connection, session: { ttl: '1s' } }
      tested = await createMemoryTestingModule({ redis, imports: [MemoryModule.forRoot(options)] })
    })
    afterAll(() => tested.close())

    it('the end of a session, and all that is written', async () => {
      const session = tested.memory.session('clock')
      await session.append(user('0'))
      const connection = tested.app.get(RedisConnection)
      connection.topology.setTimeOf('any key', Date.now() - 60_000)
      await poll(async () => !(await session.info()).exists)
      expect((await session.messages()).messages).toEqual([])
      connection.topology.setTimeOf('any key', Date.now() - 60_000)
      expect(await session.append(user('1'))).toMatchObject({ duplicate: false })
      expect(tested.memory.status().lostSessions).toBe(0)
    })
  })
})

describeWithRedis('what is a loss', (redis) => {
  const namespace = `core-lost-${randomUUID()}`
  const tested = useMemory(redis, {}, namespace)
  const others = useMemory(redis, {}, namespace)
  const LOST = expect.objectContaining({ code: 'LOST', reason: 'removed', executed: 'no' })

  it('a session that is gone: for every read, and for the first write', async () => {
    const session = tested.newSession()
    await session.append(user('0'))
    await tested.redis.del(tested.keyOf(session))
    for (let read = 0; read < 2; read++) await expect(session.messages()).rejects.toEqual(LOST)
    expect(await session.append(user('1'))).toMatchObject({ messages: [{ seq: 1 }] })
    await tested.redis.del(tested.keyOf(session))
    await expect(session.append(user('2'))).rejects.toEqual(LOST)
    expect(await session.append(user('2'))).toMatchObject({ messages: [{ seq: 1 }] })
    expect((await session.messages()).messages).toHaveLength(1)
  })

  it('a session that was looked at without being used', async () => {
    const session = tested.newSession()
    await session.append(user('0'))
    await session.quarantine()
    await tested.redis.del(tested.keyOf(session))
    await expect(session.messages()).rejects.toEqual(LOST)
  })

  it.each(['clear', 'delete'] as const)('not for %s', async (how) => {
    const session = tested.newSession()
    await session.append(user('0'))
    await tested.redis.del(tested.keyOf(session))
    await session[how]()
    expect((await session.messages()).messages).toEqual([])
    expect(await session.append(user('1'))).toMatchObject({ stored: 'redis' })
  })

  it.each(['read', 'write'] as const)('another state with the same counter: for a %s, once', async (how) => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.append(user('0'))
    const former = await tested.redis.dumpBuffer(key)
    await session.append(user('mine'))
    await tested.redis.call('RESTORE', [key, 100_000, former, 'REPLACE'] as never)
    await others.memory.session(session.id).append(user('theirs'))
    const call = (): Promise<unknown> => (how === 'read' ? session.messages() : session.append(user('next')))
    await expect(call()).rejects.toEqual(LOST)
    await call()
    const { messages } = await session.messages()
    expect(messages.map(({ content }) => content)).toEqual(how === 'read' ? ['0', 'theirs'] : ['0', 'theirs', 'next'])
  })

  it('an older state, for a write', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.append(user('0'))
    const former = await tested.redis.dumpBuffer(key)
    await session.append(user('1'))
    await session.append(user('2'))
    await tested.redis.call('RESTORE', [key, 100_000, former, 'REPLACE'] as never)
    await expect(session.append(user('3'))).rejects.toEqual(LOST)
    expect(await session.append(user('3'))).toMatchObject({ messages: [{ seq: 2 }] })
  })

  it('a session of which another process knows by the copy of its summary', async () => {
    const session = tested.newSession()
    const { version } = await session.append(user('0'))
    await session.summary.commit({ text: 'all', coversSeq: 1, replaces: null, basedOn: version })
    await tested.redis.del(tested.keyOf(session))
    const theirs = others.memory.session(session.id)
    await expect(theirs.messages()).rejects.toEqual(LOST)
    expect(await theirs.append(user('1'))).toMatchObject({ messages: [{ seq: 2 }] })
    expect(await theirs.summary.get()).toMatchObject({ text: 'all' })
  })
})

describeWithRedis('a loss that several calls meet', (redis) => {
  const tested = useMemory(redis)

  it('is counted once, and each of them says so', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.append(user('0'))
    const former = await tested.redis.dumpBuffer(key)
    const rollBack = async (): Promise<void> => {
      await session.append(user('1'))
      // ioredis types the dump as text, and sends a buffer as it is.
      await tested.redis.call('RESTORE', [key, 100_000, former, 'REPLACE'] as never)
    }
    await rollBack()
    expect(await all(() => session.messages())).toEqual(Array(5).fill('LOST'))
    expect(tested.memory.status().lostSessions).toBe(1)
    await rollBack()
    expect(await all(() => session.append(user('2')))).toEqual(Array(5).fill('LOST'))
    expect(tested.memory.status().lostSessions).toBe(2)
    await session.messages()
    await tested.redis.del(key)
    expect(await all(() => session.messages())).toEqual(Array(5).fill('LOST'))
    expect(tested.memory.status().lostSessions).toBe(3)
  })
})
