import { randomUUID } from 'node:crypto'
import { expect, it, jest } from '@jest/globals'
import { Logger } from '@nestjs/common'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { useMemory } from '../../support/use-memory.js'

const HEADER = '1u5 1795333733311 9f86d081884c7d65 '
const UNKNOWN_TAG = `${HEADER}~["a",{"$shape":1}]`
const SUMMARY_TTL = '1h'

const append = (session: StoringSession, ...contents: string[]) =>
  session.append(contents.map((content) => ({ role: 'user' as const, content })))

const encrypting = (current: string, keys: unknown) => ({
  session: { maxMessages: 3 },
  serialization: { encryption: { current, keys: keys as Record<string, Buffer> } },
})

describeWithRedis('what is mended in a session', (redis) => {
  const tested = useMemory(redis, { session: { maxMessages: 5 }, summary: { ttl: SUMMARY_TTL } })
  const { newSession, keyOf } = tested
  const set = (session: StoringSession, field: string, record: string | Buffer): Promise<number> =>
    tested.redis.hset(keyOf(session), field, record)
  /** What the counters say, and what stands. */
  const counted = async (session: StoringSession) => {
    const hash = await tested.redis.hgetallBuffer(keyOf(session))
    const records = Object.entries(hash).filter(([field]) => /^(?:[ms]:|y$)/.test(field))
    return {
      told: { count: Number(hash['n']), bytes: Number(hash['b']), first: Number(hash['f']) },
      stands: {
        count: records.filter(([field]) => field.startsWith('m:')).length,
        bytes: records.reduce((sum, [, record]) => sum + record.length, 0),
        first: Math.min(
          ...records.filter(([field]) => field.startsWith('m:')).map(([field]) => Number(field.slice(2))),
          Number(hash['q']) + 1,
        ),
      },
    }
  }
  const breakInPlace = async (session: StoringSession, field: string): Promise<void> => {
    const { length } = (await tested.redis.hgetBuffer(keyOf(session), field))!
    await set(session, field, '?'.repeat(length))
  }

  it('is counted once when a record is named twice', async () => {
    const session = newSession()
    await append(session, 'a', 'b', 'c')
    await breakInPlace(session, 'm:2')
    const quarantine = await session.quarantine()
    const [record] = quarantine.records
    await quarantine.drop([record!, record!])
    const { told, stands } = await counted(session)
    expect(told).toEqual(stands)
    expect(stands.count).toBe(2)
  })

  it('is counted as it stands after a repair', async () => {
    const session = newSession()
    const { version } = await append(session, 'a', 'b', 'c')
    await session.state.set({ x: 1, y: { z: 2 } })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    for (const field of ['m:2', 's:x']) await breakInPlace(session, field)
    const summary = (await tested.redis.hget(keyOf(session), 'y'))!
    await set(session, 'y', `${summary.slice(0, -1)} `)
    const quarantine = await session.quarantine()
    expect(quarantine.records).toHaveLength(3)
    for (const record of quarantine.records) {
      const { kind } = record
      await quarantine.repair(record, kind === 'message' ? { role: 'tool', content: 'longer' } : 'a longer text')
    }
    const { told, stands } = await counted(session)
    expect(told).toEqual(stands)
  })

  it('keeps the expiry of a state value', async () => {
    const session = newSession()
    await session.state.set({ a: 'text' }, { ttl: '1h' })
    const record = (await tested.redis.hget(keyOf(session), 's:a'))!
    await set(session, 's:a', record.slice(0, -1))
    const quarantine = await session.quarantine()
    await quarantine.repair(quarantine.records[0]!, 'mended')
    const mended = (await tested.redis.hget(keyOf(session), 's:a'))!
    expect(mended.split(' ')[3]).toBe(record.split(' ')[3])
    expect(Number(mended.split(' ')[3])).toBeGreaterThan(Date.now())
  })

  it('is no basis of a summary that read it before', async () => {
    const session = newSession()
    const { version } = await append(session, 'a', 'b')
    await breakInPlace(session, 'm:1')
    const quarantine = await session.quarantine()
    const mended = await quarantine.repair(quarantine.records[0]!, { role: 'user', content: 'mended' })
    const commit = { text: 'so far', coversSeq: 1, replaces: null }
    await expect(session.summary.commit({ ...commit, basedOn: version })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      path: 'summary.basedOn',
    })
    await session.summary.commit({ ...commit, basedOn: mended.version })
  })

  it('leaves firstSeq at the oldest message, and beyond the last when none is left', async () => {
    const session = newSession()
    await append(session, 'a', 'b', 'c')
    for (const field of ['m:1', 'm:2']) await breakInPlace(session, field)
    const first = await session.quarantine()
    await first.drop(first.records[1]!)
    expect(await session.info()).toMatchObject({ count: 2, firstSeq: 1 })
    await first.drop(first.records[0]!)
    expect(await session.info()).toMatchObject({ count: 1, firstSeq: 3, lastSeq: 3 })
    await breakInPlace(session, 'm:3')
    const second = await session.quarantine()
    await second.drop(second.records)
    expect(await session.info()).toMatchObject({ count: 0, firstSeq: 4, lastSeq: 3 })
    await append(session, 'd')
    const { told, stands } = await counted(session)
    expect(told).toEqual(stands)
  })

  it('is found by its operationId also when the record does not say its time', async () => {
    const session = newSession()
    await append(session, 'a')
    await set(session, 'm:1', 'no header')
    const quarantine = await session.quarantine()
    const repair = () =>
      quarantine.repair(quarantine.records[0]!, { role: 'user', content: 'mended' }, { operationId: 'mend' })
    const first = await repair()
    const from = Date.now()
    while (Date.now() === from) await Promise.resolve()
    expect(await repair()).toEqual({ ...first, duplicate: true })
  })

  it('is readable also when the record says a time that there is not', async () => {
    const session = newSession()
    await append(session, 'a', 'b')
    await set(session, 'm:1', `1u5 99999999999999999999 9f86d081884c7d65 ["a"]`)
    expect(await session.messages()).toMatchObject({ messages: [{ seq: 2 }], corrupt: [{ kind: 'message', seq: 1 }] })
    const quarantine = await session.quarantine()
    await quarantine.repair(quarantine.records[0]!, { role: 'user', content: 'mended' })
    const { messages, corrupt } = await session.messages()
    expect(corrupt).toEqual([])
    expect(messages.map(({ content }) => content)).toEqual(['mended', 'b'])
    expect(Number(messages[0]!.createdAt)).toBeGreaterThan(0)
  })

  it('is not put aside once it is sound, though the bytes before were no text', async () => {
    const session = newSession()
    await session.state.set({ a: 1 })
    const record = (await tested.redis.hgetBuffer(keyOf(session), 's:a'))!
    const broken = Buffer.concat([record.subarray(0, -1), Buffer.from('~{"$shape":"\xff"}', 'latin1')])
    await set(session, 's:a', broken)
    expect((await session.state.get()).corrupt).toHaveLength(1)
    for (const value of ['first', 'second', 'third']) await session.state.set({ a: value })
    const { records } = await session.quarantine()
    expect(records).toMatchObject([{ kind: 'state', field: 'a', inPlace: false }])
  })

  it('is not taken for a record of which only the beginning of the header was text', async () => {
    const session = newSession()
    await session.state.set({ a: 1 })
    await set(session, 's:a', Buffer.from('1 \xff broken', 'latin1'))
    expect((await session.state.get()).corrupt).toHaveLength(1)
    for (const value of ['first', 'second', 'third']) await session.state.set({ a: value })
    expect((await session.quarantine()).records).toMatchObject([{ kind: 'state', field: 'a', inPlace: false }])
  })

  it('is known by its end, without a process that read it', async () => {
    const session = newSession()
    await append(session, '1', '2', '3', '4', '5')
    await set(session, 'm:1', `${HEADER}["cut o`)
    await set(session, 'm:2', `${HEADER}~["cut o`)
    await append(session, '6', '7', '8')
    expect((await session.quarantine()).records).toMatchObject([{ seq: 1 }, { seq: 2 }])
  })

  it('is no object to merge into, once this process could not read it', async () => {
    const session = newSession()
    await session.state.set({ trip: { to: 'Bern', at: new Date(0) } })
    const record = (await tested.redis.hget(keyOf(session), 's:trip'))!
    const unknown = record.replace('$date', '$shap').replace('Bern', 'Rome')
    await set(session, 's:trip', unknown)
    expect((await session.state.get()).corrupt).toHaveLength(1)
    await expect(session.state.patch({ trip: { via: 'Olten' } })).rejects.toMatchObject({
      code: 'CORRUPT',
      executed: 'no',
      path: 'values.trip',
    })
    expect(await tested.redis.hget(keyOf(session), 's:trip')).toBe(unknown)
    await set(session, 's:trip', record)
    await session.state.patch({ trip: { via: 'Olten' } })
    expect(await session.state.value('trip')).toEqual({ to: 'Bern', at: new Date(0), via: 'Olten' })
  })

  it('is cut when it is longer than the whole quarantine', async () => {
    const session = newSession()
    await session.state.set({ big: 1 })
    await set(session, 's:big', `x${'\\'.repeat(1_200_000)}`)
    await session.state.set({ big: 2 })
    const { records } = await session.quarantine()
    expect(records).toMatchObject([{ field: 'big', inPlace: false, record: expect.stringMatching(/^x\\+$/) }])
    expect(await tested.redis.hstrlen(keyOf(session), 'Q')).toBe(1_048_576)
    const quarantine = await session.quarantine()
    await quarantine.drop(quarantine.records)
    expect(await tested.redis.hexists(keyOf(session), 'Q')).toBe(0)
  })

  it('is all gone when there is no session any more', async () => {
    const session = newSession()
    await append(session, 'a')
    await breakInPlace(session, 'm:1')
    const quarantine = await session.quarantine()
    await session.delete()
    await expect(quarantine.drop(quarantine.records)).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
      executed: 'no',
    })
    expect(await session.info()).toMatchObject({ exists: false })
  })

  it('has a copy that lives as long as any summary, and a mark that lives for a day', async () => {
    const session = newSession()
    const { version } = await append(session, 'a')
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    const copy = `${keyOf(session)}:summary`
    await set(session, 'y', ((await tested.redis.hget(keyOf(session), 'y')) ?? '').slice(0, -1))
    const first = await session.quarantine()
    await first.repair(first.records[0]!, 'mended')
    expect(await tested.redis.pttl(copy)).toBeLessThanOrEqual(3_600_000)
    await set(session, 'y', 'no header')
    const second = await session.quarantine()
    await second.drop(second.records.filter(({ inPlace }) => inPlace))
    expect(await tested.redis.pttl(copy)).toBeGreaterThan(3_600_000)
    expect(await tested.redis.get(copy)).toMatch(/^\d+ 1 0 :$/)
  })

  it('leaves alone what else was put aside', async () => {
    const session = newSession()
    await append(session, '1', '2', '3', '4', '5')
    for (const seq of [1, 2, 3]) await set(session, `m:${seq}`, `broken ${seq}`)
    await append(session, '6', '7', '8')
    const quarantine = await session.quarantine()
    const { records } = quarantine
    await quarantine.drop(records[1]!)
    expect((await session.quarantine()).records.map(({ record }) => record)).toEqual(['broken 1', 'broken 3'])
  })

  it('does not take away the copy of a summary that was made since', async () => {
    const session = newSession()
    const { version } = await append(session, 'a')
    const commit = { text: 'so far', coversSeq: 1, replaces: null, basedOn: version }
    await session.summary.commit(commit)
    await set(session, 'y', 'no header')
    const quarantine = await session.quarantine()
    const { records } = quarantine
    const dropped = await quarantine.drop(records[0]!, { operationId: 'drop' })
    await session.summary.commit({ ...commit, text: 'anew' })
    const copy = await tested.redis.get(`${keyOf(session)}:summary`)
    expect(copy).toContain('anew')
    expect(await quarantine.drop(records[0]!, { operationId: 'drop' })).toEqual({ ...dropped, duplicate: true })
    expect(await tested.redis.get(`${keyOf(session)}:summary`)).toBe(copy)
  })

  it('is repeated without harm after the summary was broken once more', async () => {
    const session = newSession()
    const { version } = await append(session, 'a')
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    await set(session, 'y', ((await tested.redis.hget(keyOf(session), 'y')) ?? '').slice(0, -1))
    const quarantine = await session.quarantine()
    const repair = () => quarantine.repair(quarantine.records[0]!, 'mended', { operationId: 'mend' })
    const first = await repair()
    await set(session, 'y', 'no header')
    expect(await repair()).toEqual({ ...first, duplicate: true })
  })

  it('costs a patch nothing when the field was removed by hand', async () => {
    const session = newSession()
    await session.state.set({ a: 1, b: 2 })
    await tested.redis.hdel(keyOf(session), 's:a')
    await session.state.set({ a: 'again' })
    expect((await session.state.get()).values).toEqual({ a: 'again', b: 2 })
    await tested.redis.hdel(keyOf(session), 's:a')
    await session.state.patch({ a: { to: 'Bern' } })
    await session.state.delete(['b'])
    expect((await session.state.get()).values).toEqual({ a: { to: 'Bern' } })
    expect(await tested.redis.hget(keyOf(session), 'S')).toBe('a')
  })

  it('takes nothing into it when the session is full and refuses', async () => {
    const session = newSession()
    await append(session, '1', '2', '3', '4', '5')
    await set(session, 'm:1', UNKNOWN_TAG)
    await session.messages()
    await expect(append(session, '6', '7', '8', '9', '10', '11')).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(
      session.append({ role: 'user', content: 'x' }, { expectedVersion: '1-000000000000' }),
    ).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
    expect(await tested.redis.hexists(keyOf(session), 'Q')).toBe(0)
    expect(await tested.redis.hget(keyOf(session), 'm:1')).toBe(UNKNOWN_TAG)
  })
})

describeWithRedis('what is mended in a long session', (redis) => {
  const tested = useMemory(redis)

  it('is found wherever it stands, and logged once', async () => {
    const warn = jest.spyOn(Logger, 'warn').mockImplementation(() => undefined)
    const session = tested.newSession()
    await append(session, ...Array.from({ length: 2_300 }, (_, index) => `${index}`))
    const broken = Array.from({ length: 150 }, (_, index) => 1_100 + 8 * index)
    await tested.redis.hset(tested.keyOf(session), Object.fromEntries(broken.map((seq) => [`m:${seq}`, 'broken'])))
    const quarantine = await session.quarantine()
    expect(quarantine.records.map(({ seq }) => seq)).toEqual(broken)
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
    await quarantine.drop(quarantine.records)
    expect(await session.info()).toMatchObject({ count: 2_150, firstSeq: 1 })
    expect((await session.quarantine()).records).toEqual([])
  })
})

describeWithRedis('what is mended in a session that is full', (redis) => {
  const tested = useMemory(redis, { session: { maxBytes: 500 } })

  it('may be smaller, not larger', async () => {
    const session = tested.newSession()
    const content = 'x'.repeat(200)
    await session.append({ role: 'user', content })
    await session.append({ role: 'user', content: 'x'.repeat(100) })
    await tested.redis.hset(tested.keyOf(session), 'm:2', '?'.repeat(140))
    const quarantine = await session.quarantine()
    const repair = (length: number) =>
      quarantine.repair(quarantine.records[0]!, { role: 'user', content: 'y'.repeat(length) })
    await expect(repair(400)).rejects.toMatchObject({ code: 'SESSION_FULL', executed: 'no' })
    expect(await tested.redis.hget(tested.keyOf(session), 'm:2')).toBe('?'.repeat(140))
    await repair(50)
    expect((await session.messages()).corrupt).toEqual([])
  })

  it('is held to the limit of each value', async () => {
    const session = tested.newSession()
    const { version } = await session.append({ role: 'user', content: 'a' })
    await session.state.set({ a: 1 })
    await session.summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version })
    await session.append({ role: 'user', content: 'b' })
    const key = tested.keyOf(session)
    const summary = (await tested.redis.hget(key, 'y'))!
    await tested.redis.hset(key, { 'm:2': 'broken', 's:a': 'broken', y: summary.slice(0, -1) })
    const quarantine = await session.quarantine()
    const large = 'x'.repeat(600)
    for (const record of quarantine.records) {
      const replacement = record.kind === 'message' ? { role: 'user', content: large } : large
      await expect(quarantine.repair(record, replacement)).rejects.toMatchObject({ code: 'TOO_LARGE', executed: 'no' })
    }
    expect(quarantine.records).toHaveLength(3)
    expect((await session.quarantine()).records).toEqual(quarantine.records)
  })
})

describeWithRedis('a quarantine under keys that rotate', (redis) => {
  const namespace = `quarantine-${randomUUID()}`
  const both: Record<string, Buffer> = { k1: testKey(1), k2: testKey(2) }
  const old = useMemory(redis, encrypting('k1', { k1: testKey(1) }), namespace)
  const fresh = useMemory(redis, encrypting('k2', { k2: testKey(2) }), namespace)
  const provided = useMemory(
    redis,
    encrypting('k2', async (id: string) => both[id]),
    namespace,
  )

  it('tells what was put aside under a key that a provider has as readable', async () => {
    const session = old.newSession()
    const { version } = await session.append(['1', '2', '3'].map((content) => ({ role: 'user' as const, content })))
    await session.state.set({ trip: { to: 'Bern' } })
    const commit = { text: 'so far', coversSeq: 1, replaces: null, basedOn: version }
    const { version: summary } = await session.summary.commit(commit)
    await session.append({ role: 'user', content: '4' })
    const without = fresh.memory.session(session.id)
    expect((await without.context()).corrupt).toHaveLength(5)
    const { version: basedOn } = await append(without, '5', '6', '7')
    await without.state.set({ trip: {} })
    await without.summary.commit({ text: 'anew', coversSeq: 5, replaces: summary, basedOn })
    expect((await without.quarantine()).records.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 5 }, () => expect.stringContaining('"k1"')),
    )
    expect((await provided.memory.session(session.id).quarantine()).records).toMatchObject([
      { seq: 2, inPlace: false, reason: 'readable by now' },
      { seq: 3, inPlace: false, reason: 'readable by now' },
      { seq: 4, inPlace: false, reason: 'readable by now' },
      { kind: 'state', field: 'trip', inPlace: false, reason: 'readable by now' },
      { kind: 'summary', inPlace: false, reason: 'readable by now' },
    ])
  })
})
