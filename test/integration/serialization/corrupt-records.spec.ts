import { expect, it, jest } from '@jest/globals'
import { Logger } from '@nestjs/common'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import type { StoringSession } from '../../support/storing-memory.js'
import { useMemory } from '../../support/use-memory.js'

const append = (session: StoringSession, ...contents: string[]) =>
  session.append(contents.map((content) => ({ role: 'user' as const, content })))
const contentsOf = async (session: StoringSession): Promise<unknown[]> =>
  (await session.messages()).messages.map(({ content }) => content)
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`)
const piece = (index: number): string => `${index}${'x'.repeat(300_000)}`

const SECRET = 'not for any log'
const MESSAGE = '1u5 1795333733311 9f86d081884c7d65 '

describeWithRedis('a record that cannot be read', (redis) => {
  const tested = useMemory(redis, { session: { maxMessages: 1_000 } })
  const { newSession, keyOf } = tested
  const corrupt = (session: StoringSession, field: string, record: string): Promise<number> =>
    tested.redis.hset(keyOf(session), field, record)

  it.each<[string, string]>([
    ['broken text', `${MESSAGE}["${SECRET}`],
    ['no header', SECRET],
    ['an unknown format', `7u5 1795333733311 9f86d081884c7d65 ["${SECRET}"]`],
    ['an unknown tag', `${MESSAGE}~["${SECRET}",{"$shape":1}]`],
    ['a class that is not registered', `${MESSAGE}~["a",{"price":{"$type":["Price",1,"${SECRET}"]}}]`],
    ['a truncated payload', `${MESSAGE}["${SECRET}",{"a":`],
    ['a payload of another shape', `${MESSAGE}{"content":"${SECRET}"}`],
    ['encrypted, without keys', `${MESSAGE}ek1.AAAA`],
    ['compressed, and cut off', `${MESSAGE}z9000.AAAA`],
    ['nothing at all', ''],
  ])('is reported for %s, and the other 999 are returned', async (_, record) => {
    const warn = jest.spyOn(Logger, 'warn').mockImplementation(() => undefined)
    const session = newSession()
    await append(session, ...numbers(1_000))
    await corrupt(session, 'm:500', record)
    const before = tested.memory.status().corruptRecords
    for (let reads = 0; reads < 3; reads++) {
      const result = await session.messages()
      expect(result.messages).toHaveLength(999)
      expect(result.corrupt).toEqual([{ kind: 'message', seq: 500, reason: expect.any(String) }])
      expect(JSON.stringify(result.corrupt)).not.toContain(SECRET)
    }
    expect(tested.memory.status().corruptRecords).toBe(before + 1)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(JSON.stringify(warn.mock.calls)).not.toContain(SECRET)
    expect(JSON.stringify(warn.mock.calls)).toContain('message 500')
    warn.mockRestore()
    expect(await tested.redis.hget(keyOf(session), 'm:500')).toBe(record)
  })

  it('names the class that is not registered, for that record only', async () => {
    const session = newSession()
    await append(session, 'a', 'b')
    await corrupt(session, 'm:1', `${MESSAGE}~["a",{"price":{"$type":["Price",1,2]}}]`)
    const { messages, corrupt: unread } = await session.messages()
    expect(messages.map(({ content }) => content)).toEqual(['b'])
    expect(unread).toEqual([{ kind: 'message', seq: 1, reason: expect.stringContaining('Price') }])
  })

  it('is reported among state values and as a summary', async () => {
    const session = newSession()
    const { version } = await append(session, ...numbers(3))
    await session.state.set({ good: 1, bad: 2 })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    await corrupt(session, 's:bad', `1 5-0123456789ab 1795333733311 0 - ~{"$nothing":1}`)
    await corrupt(session, 'y', 'broken')
    const context = await session.context()
    expect(context.messages).toHaveLength(2)
    expect(context.state).toEqual({ good: 1 })
    expect(context.summary).toBeUndefined()
    expect(context.corrupt.map(({ kind }) => kind).toSorted()).toEqual(['state', 'summary'])
    await expect(session.state.value('bad')).rejects.toMatchObject({ code: 'CORRUPT', path: 'state.bad' })
    await expect(session.summary.get()).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('is an error when the whole key is of another type', async () => {
    const session = newSession()
    await tested.redis.set(keyOf(session), 'a string', 'PX', 60_000)
    await expect(session.messages()).rejects.toMatchObject({ code: 'CORRUPT', sessionId: session.id })
    await expect(append(session, '1')).rejects.toMatchObject({ code: 'CORRUPT' })
    await expect(session.quarantine()).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(await tested.redis.get(keyOf(session))).toBe('a string')
  })
})

describeWithRedis('the quarantine of a session', (redis) => {
  const tested = useMemory(redis, { session: { maxMessages: 5 } })
  const { newSession, keyOf } = tested
  const set = (session: StoringSession, field: string, record: string | Buffer): Promise<number> =>
    tested.redis.hset(keyOf(session), field, record)
  /** Readable for the script, and not for a client. */
  const UNKNOWN_TAG = `${MESSAGE}~["a",{"$shape":1}]`

  it('is empty for a session that is well, and for one that does not exist', async () => {
    const session = newSession()
    expect(await session.quarantine()).toMatchObject({ records: [], version: '0' })
    const { version } = await append(session, 'a')
    expect(await session.quarantine()).toMatchObject({ records: [], version })
  })

  it('lists what cannot be read with its content, and repairs it in its place', async () => {
    const session = newSession()
    await append(session, 'a', 'b', 'c')
    await session.state.set({ trip: { to: 'Bern' }, other: 1 }, { ttl: '1h' })
    await set(session, 'm:2', UNKNOWN_TAG)
    await set(session, 's:trip', 'broken')
    const { bytes: bytesBefore } = (await session.info()) as { bytes: number }
    const quarantine = await session.quarantine()
    expect(quarantine.records).toEqual([
      {
        kind: 'message',
        seq: 2,
        reason: expect.any(String),
        id: expect.any(String),
        record: UNKNOWN_TAG,
        inPlace: true,
      },
      {
        kind: 'state',
        field: 'trip',
        reason: expect.any(String),
        id: expect.any(String),
        record: 'broken',
        inPlace: true,
      },
    ])
    const [message, state] = quarantine.records
    const options = { operationId: 'repair-1' }
    const repaired = await quarantine.repair(message!, { role: 'assistant', content: 'B' }, options)
    expect(await quarantine.repair(message!, { role: 'assistant', content: 'B' }, options)).toEqual({
      ...repaired,
      duplicate: true,
    })
    await quarantine.repair(state!, { to: 'Basel', at: new Date(0) })
    expect(await contentsOf(session)).toEqual(['a', 'B', 'c'])
    const { messages, corrupt } = await session.messages()
    expect(corrupt).toEqual([])
    expect(messages[1]).toMatchObject({ seq: 2, role: 'assistant', createdAt: new Date(1_795_333_733_311) })
    expect((await session.state.get()).values).toEqual({ trip: { to: 'Basel', at: new Date(0) }, other: 1 })
    await session.state.patch({ trip: { via: 'Olten' } })
    expect(await session.state.value('trip')).toEqual({ to: 'Basel', at: new Date(0), via: 'Olten' })
    const { bytes } = (await session.info()) as { bytes: number }
    expect(bytes).not.toBe(bytesBefore)

    const after = await session.quarantine()
    expect(after.records).toMatchObject([
      { kind: 'message', seq: 2, record: UNKNOWN_TAG, inPlace: false, removedAt: expect.any(Date) },
      { kind: 'state', field: 'trip', record: 'broken', inPlace: false },
    ])
    await expect(after.repair(after.records[0]!, { role: 'user', content: 'x' })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      path: 'record',
    })
    await after.drop(after.records)
    expect((await session.quarantine()).records).toEqual([])
    expect(await tested.redis.hexists(keyOf(session), 'Q')).toBe(0)
  })

  it('counts bytes and messages right after repairs and drops', async () => {
    const session = newSession()
    await append(session, 'a', 'b', 'c')
    await session.state.set({ x: 1, y: 2 })
    const fields = ['m:2', 's:x'] as const
    for (const field of fields) {
      // As many bytes as before, so that the counter was right and must stay so.
      const { length } = (await tested.redis.hget(keyOf(session), field))!
      await set(session, field, '?'.repeat(length))
    }
    const quarantine = await session.quarantine()
    await quarantine.drop(quarantine.records)
    const info = (await session.info()) as { bytes: number; count: number }
    const hash = await tested.redis.hgetall(keyOf(session))
    const bytes = Object.entries(hash)
      .filter(([field]) => /^[ms]:|^y$/.test(field))
      .reduce((sum, [, record]) => sum + Buffer.byteLength(record), 0)
    expect(info).toMatchObject({ bytes, count: 2 })
    expect((await session.state.get()).values).toEqual({ y: 2 })
    expect(hash.S).toBe('y')
    expect(await contentsOf(session)).toEqual(['a', 'c'])
  })

  it('keeps what is trimmed: known by its form, or because this process read it', async () => {
    const session = newSession()
    await append(session, '1', '2', '3', '4', '5')
    await set(session, 'm:1', 'broken by\nform \\n')
    await set(session, 'm:2', UNKNOWN_TAG)
    await session.messages()
    await append(session, '6', '7', '8')
    expect(await contentsOf(session)).toEqual(['4', '5', '6', '7', '8'])
    expect((await session.quarantine()).records).toMatchObject([
      { seq: 1, record: 'broken by\nform \\n', inPlace: false, reason: 'not a message record' },
      { seq: 2, record: UNKNOWN_TAG, inPlace: false },
    ])
    await session.clear()
    expect((await session.quarantine()).records).toEqual([])
  })

  it('keeps what is replaced, deleted or covered by a summary', async () => {
    const session = newSession()
    const { version } = await append(session, 'a', 'b')
    await session.state.set({ x: 1, y: 2, z: { a: 1 } })
    for (const field of ['m:1', 's:x', 's:y', 's:z', 'y']) await set(session, field, `broken ${field}`)
    await session.state.set({ x: 'new' })
    await session.state.delete(['y'])
    await expect(session.state.patch({ z: { b: 2 } })).rejects.toMatchObject({ code: 'CORRUPT', path: 'values.z' })
    await session.state.set({ fresh: 1 })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    const { records } = await session.quarantine()
    expect(records.map(({ record, inPlace }) => [record, inPlace])).toEqual([
      ['broken s:z', true],
      ['broken s:x', false],
      ['broken s:y', false],
      ['broken m:1', false],
      ['broken y', false],
    ])
  })

  it('does not put aside what is sound, also when it was not before', async () => {
    const session = newSession()
    await append(session, '1', '2', '3', '4', '5')
    const sound = (await tested.redis.hget(keyOf(session), 'm:1'))!
    await set(session, 'm:1', UNKNOWN_TAG)
    await session.messages()
    await set(session, 'm:1', sound)
    await append(session, '6')
    expect((await session.quarantine()).records).toEqual([])
  })

  it('repairs a summary and its copy, and drops both', async () => {
    const session = newSession()
    const { version } = await append(session, 'a', 'b')
    const first = await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    const record = (await tested.redis.hget(keyOf(session), 'y'))!
    await set(session, 'y', record.slice(0, -1))
    const quarantine = await session.quarantine()
    await expect(quarantine.repair(quarantine.records[0]!, 5)).rejects.toMatchObject({ path: 'replacement' })
    const repaired = await quarantine.repair(quarantine.records[0]!, 'mended')
    expect(await session.summary.get()).toMatchObject({ text: 'mended', coversSeq: 1, version: repaired.version })
    expect(repaired.version).not.toBe(first.version)
    expect(await tested.redis.get(`${keyOf(session)}:summary`)).toContain('mended')

    await set(session, 'y', 'no header')
    const again = await session.quarantine()
    const standing = again.records.find(({ inPlace }) => inPlace)!
    await expect(again.repair(standing, 'text')).rejects.toMatchObject({ path: 'record' })
    await again.drop(standing)
    expect(await session.summary.get()).toBeNull()
    expect(await tested.redis.get(`${keyOf(session)}:summary`)).not.toContain('mended')
    expect(await tested.redis.pttl(`${keyOf(session)}:summary`)).toBeGreaterThan(0)
  })

  it('refuses to mend what is another record by now, or not in it', async () => {
    const session = newSession()
    await append(session, 'a')
    await set(session, 'm:1', 'broken')
    const quarantine = await session.quarantine()
    const [record] = quarantine.records
    await set(session, 'm:1', 'broken otherwise')
    await expect(quarantine.repair(record!, { role: 'user', content: 'x' })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      executed: 'no',
    })
    await expect(quarantine.drop([record!])).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
    await expect(quarantine.drop([])).rejects.toMatchObject({ path: 'records' })
    await expect(quarantine.drop({ ...record!, id: 'x' })).rejects.toMatchObject({ path: 'records[0]' })
    await expect(quarantine.repair(record!, 'a text')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(await tested.redis.hget(keyOf(session), 'm:1')).toBe('broken otherwise')
  })

  it('lists and drops bytes that are no text', async () => {
    const session = newSession()
    await append(session, '1', '2', '3', '4', '5')
    await set(session, 'm:1', Buffer.from([0xff, 0xfe, 0x0a, 0x5c]))
    const standing = await session.quarantine()
    expect(standing.records).toMatchObject([{ seq: 1, inPlace: true }])
    await append(session, '6')
    const aside = await session.quarantine()
    expect(aside.records).toMatchObject([{ seq: 1, inPlace: false, record: '\ufffd\ufffd\n\\' }])
    await aside.drop(aside.records[0]!)
    expect((await session.quarantine()).records).toEqual([])
  })

  it('is capped: the oldest go first', async () => {
    const session = newSession()
    await append(session, 'a')
    for (let index = 0; index < 5; index++) {
      await set(session, 's:big', piece(index))
      if (index === 0) await set(session, 'S', 'big')
      await session.state.set({ big: 1 })
    }
    const { records } = await session.quarantine()
    expect(records.map(({ record }) => record[0])).toEqual(['2', '3', '4'])
    expect(records[0]!.record).toBe(piece(2))
    expect(await tested.redis.hstrlen(keyOf(session), 'Q')).toBeLessThanOrEqual(1_048_576)
  })
})
