import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

describeWithRedis('state', (redis) => {
  const tested = useMemory(redis)
  const small = useMemory(redis, { session: { maxBytes: '3kb', maxMessageBytes: '2kb' } })

  it('keeps typed values, field by field', async () => {
    const { state } = tested.newSession()
    const values = {
      name: 'Ada',
      age: 36,
      ready: false,
      nothing: null,
      when: new Date('2026-05-06T07:08:09.010Z'),
      list: [1, [2, { three: 3 }], []],
      object: { b: 1, a: { $date: '2026-01-01T00:00:00.000Z' }, __proto__data: {} },
      ['a field: with "odd" signs, ü']: 'x',
    }
    const { version, versions } = await state.set(values)
    const read = await state.get()
    expect(read.values).toEqual(values)
    expect(read.values['when']).toBeInstanceOf(Date)
    expect(Object.keys(read.values['object'] as object)).toEqual(['b', 'a', '__proto__data'])
    expect(read).toMatchObject({ stale: false, corrupt: [], versions })
    expect(new Set(Object.values(versions))).toEqual(new Set([version]))
    expect(await state.value('age')).toBe(36)
    expect(await state.value('absent')).toBeUndefined()
  })

  it('keeps an own __proto__ as data', async () => {
    const { state } = tested.newSession()
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "at": 1}')
    await state.set({ value, rich: { inner: value, when: new Date(0) } })
    const { values } = await state.get()
    expect(JSON.stringify(values['value'])).toBe('{"__proto__":{"polluted":true},"at":1}')
    expect(JSON.stringify((values['rich'] as { inner: unknown }).inner)).toBe('{"__proto__":{"polluted":true},"at":1}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('replaces what it names and leaves the rest', async () => {
    const { state } = tested.newSession()
    await state.set({ a: { x: 1, y: 2 }, b: 1 })
    await state.set({ a: { z: 3 } })
    expect((await state.get()).values).toEqual({ a: { z: 3 }, b: 1 })
  })

  it('merges plain objects one level deep', async () => {
    const { state } = tested.newSession()
    await state.set({ trip: { from: 'A', to: { city: 'B', zip: 1 } }, count: 1 })
    await state.patch({
      trip: { to: { city: 'Ö' }, on: new Date('2026-07-01T00:00:00.000Z'), '"quoted, key:{}"': [1, 'ä,}'] },
    })
    await state.patch({ trip: { from: 'C' }, count: 2, added: { first: true } })
    expect((await state.get()).values).toEqual({
      trip: { from: 'C', to: { city: 'Ö' }, on: new Date('2026-07-01T00:00:00.000Z'), '"quoted, key:{}"': [1, 'ä,}'] },
      count: 2,
      added: { first: true },
    })
    await state.patch({ trip: {} })
    await state.patch({ added: { second: 2 } })
    expect(await state.value('added')).toEqual({ first: true, second: 2 })
    await state.set({ empty: {} })
    await state.patch({ empty: { $date: 'x' } })
    expect(await state.value('empty')).toEqual({ $date: 'x' })
    await state.patch({ trip: 'gone' })
    expect(await state.value('trip')).toBe('gone')
  })

  it('lets patches of different keys of one field both win', async () => {
    const { state } = tested.newSession()
    const keys = Array.from({ length: 50 }, (_, index) => `key${index}`)
    await Promise.all(keys.map((key) => state.patch({ all: { [key]: key } })))
    expect(await state.value('all')).toEqual(Object.fromEntries(keys.map((key) => [key, key])))
  })

  it('deletes fields, and only them', async () => {
    const session = tested.newSession()
    await session.state.set({ a: 1, b: 2, c: 3 })
    const { versions } = await session.state.delete(['a', 'c', 'never-was'])
    expect(versions).toEqual({ a: '0', c: '0', 'never-was': '0' })
    expect((await session.state.get()).values).toEqual({ b: 2 })
    const fields = await tested.redis.hkeys(tested.keyOf(session))
    expect(fields.filter((field) => field.startsWith('s:'))).toEqual(['s:b'])
    expect(await session.info()).toMatchObject({ bytes: await tested.redis.hstrlen(tested.keyOf(session), 's:b') })
  })

  it('creates no session for a deletion', async () => {
    const session = tested.newSession()
    expect(await session.state.delete(['a'])).toMatchObject({ version: '0', duplicate: false })
    expect(await session.info()).toEqual({ exists: false, version: '0', stale: false })
  })

  it('writes only when the fields have the expected versions', async () => {
    const { state } = tested.newSession()
    const first = await state.set({ a: 1 }, { expectedVersions: { a: '0' } })
    const versionOfA = first.version
    await state.set({ b: 1 })
    const second = await state.set({ a: 2, b: 2 }, { expectedVersions: { a: versionOfA } })
    await expect(state.set({ b: 3, a: 3 }, { expectedVersions: { a: versionOfA } })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      path: 'options.expectedVersions.a',
      message: expect.stringContaining(second.version),
    })
    await expect(state.patch({ a: 3 }, { expectedVersions: { a: '0' } })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
    })
    await expect(state.delete(['a'], { expectedVersions: { a: '0' } })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
    })
    expect((await state.get()).values).toEqual({ a: 2, b: 2 })
  })

  it('answers a repeated operation with the first result, and does not write again', async () => {
    const { state } = tested.newSession()
    const first = await state.set({ a: 1, b: 1 }, { operationId: 'op' })
    await state.set({ a: 2 })
    expect(await state.set({ b: 1, a: 1 }, { operationId: 'op' })).toEqual({ ...first, duplicate: true })
    expect(await state.value('a')).toBe(2)
    await expect(state.set({ a: 9 }, { operationId: 'op' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    await expect(state.patch({ a: 1, b: 1 }, { operationId: 'op' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
  })

  it('forgets a field at the end of its own ttl, and counts it as absent then', async () => {
    const session = tested.newSession()
    const { state } = session
    await state.set({ code: 1234, name: { first: 'Ada' } }, { ttl: '300ms' })
    await state.set({ stays: true })
    await state.patch({ name: { last: 'L' } })
    expect((await state.get()).values).toEqual({ code: 1234, name: { first: 'Ada', last: 'L' }, stays: true })
    await poll(async () => (await state.value('code')) === undefined)
    expect((await state.get()).values).toEqual({ stays: true })
    await state.set({ code: 1 }, { expectedVersions: { code: '0' } })
    await state.patch({ name: { last: 'new' } })
    expect((await state.get()).values).toEqual({ code: 1, name: { last: 'new' }, stays: true })
  })

  it('sweeps expired fields out when a new one comes', async () => {
    const session = tested.newSession()
    await session.state.set({ brief: 'x'.repeat(100) }, { ttl: '50ms' })
    await poll(async () => (await session.state.value('brief')) === undefined)
    await session.state.set({ other: 1 })
    expect(await tested.redis.hexists(tested.keyOf(session), 's:brief')).toBe(0)
    expect(await session.info()).toMatchObject({ bytes: await tested.redis.hstrlen(tested.keyOf(session), 's:other') })
  })

  it('makes room among the messages, and refuses what cannot fit', async () => {
    const session = small.newSession()
    await session.append([
      { role: 'user', content: 'x'.repeat(1_200) },
      { role: 'user', content: 'y'.repeat(1_200) },
    ])
    await session.state.set({ note: 'z'.repeat(1_000) })
    expect(await session.info()).toMatchObject({ count: 1, firstSeq: 2 })
    await expect(session.state.set({ more: 'z'.repeat(1_990), most: 'z'.repeat(1_000) })).rejects.toMatchObject({
      code: 'SESSION_FULL',
    })
    await expect(session.state.set({ huge: 'z'.repeat(2_100) })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      path: 'values.huge',
    })
    expect(Object.keys((await session.state.get()).values)).toEqual(['note'])
  })

  it('refuses a patch that makes a field too large', async () => {
    const { state } = small.newSession()
    await state.set({ note: { a: 'x'.repeat(1_200) } })
    await expect(state.patch({ note: { b: 'y'.repeat(1_200) } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      path: 'values.note',
      executed: 'no',
    })
    expect(await state.value('note')).toEqual({ a: 'x'.repeat(1_200) })
  })

  it('holds at most a thousand fields', async () => {
    const session = tested.newSession()
    await session.state.set(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, index])))
    await expect(session.state.set({ one: 'more' })).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await session.state.set({ f7: 'replaced' })
    expect(Object.keys((await session.state.get()).values)).toHaveLength(1_000)
  })

  it('names a value that cannot be read, and returns the others', async () => {
    const session = tested.newSession()
    await session.state.set({ a: 1, b: 2, c: 3 })
    await tested.redis.hset(tested.keyOf(session), 's:b', 'broken')
    expect(await session.state.get()).toMatchObject({
      values: { a: 1, c: 3 },
      corrupt: [{ kind: 'state', field: 'b', reason: 'not a state record' }],
    })
    await expect(session.state.value('b')).rejects.toMatchObject({ code: 'CORRUPT', path: 'state.b' })
    expect(await session.state.value('a')).toBe(1)
  })

  it.each<[string, unknown, unknown, string, string]>([
    ['no object', 5, undefined, 'ARGUMENT_INVALID', 'values'],
    ['no field', {}, undefined, 'ARGUMENT_INVALID', 'values'],
    [
      '1,001 fields',
      Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`f${index}`, 1])),
      undefined,
      'ARGUMENT_INVALID',
      'values',
    ],
    ['an empty name', { '': 1 }, undefined, 'ARGUMENT_INVALID', 'values'],
    ['a name of two lines', { 'a\nb': 1 }, undefined, 'ARGUMENT_INVALID', 'values'],
    ['a function', { a: { b: [() => 1] } }, undefined, 'NOT_SERIALIZABLE', 'values.a.b[0]'],
    ['a class that is not registered', { a: new WeakMap() }, undefined, 'NOT_SERIALIZABLE', 'values.a'],
    [
      'a field whose getter throws',
      {
        get a() {
          throw new Error('no')
        },
      },
      undefined,
      'NOT_SERIALIZABLE',
      'values.a',
    ],
    ['a ttl without unit', { a: 1 }, { ttl: '60' }, 'ARGUMENT_INVALID', 'options.ttl'],
    ['a ttl as number', { a: 1 }, { ttl: 60 }, 'ARGUMENT_INVALID', 'options.ttl'],
    ['a ttl of 0', { a: 1 }, { ttl: '0s' }, 'ARGUMENT_INVALID', 'options.ttl'],
    ['an unknown option', { a: 1 }, { tll: '1s' }, 'ARGUMENT_INVALID', 'options.tll'],
    ['an empty operation id', { a: 1 }, { operationId: '' }, 'ARGUMENT_INVALID', 'options.operationId'],
    [
      'a version that is none',
      { a: 1 },
      { expectedVersions: { a: 7 } },
      'ARGUMENT_INVALID',
      'options.expectedVersions',
    ],
  ])('refuses %s', async (_, values, options, code, path) => {
    const session = tested.newSession()
    const failed = session.state.set(values as Record<string, unknown>, options as { ttl: string })
    await expect(failed).rejects.toMatchObject({ code, path })
    expect(await tested.redis.exists(tested.keyOf(session))).toBe(0)
  })
})
