import { expect, it } from '@jest/globals'
import { MemoryConflictError, MemoryFullError, MemoryTooLargeError, type MessageInput } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const user = (content: string): MessageInput => ({ role: 'user', content })

describeWithRedis('append', (redis) => {
  const tested = useMemory(redis)
  const small = useMemory(redis, { session: { maxMessages: 5, maxBytes: '2kb', maxMessageBytes: '1kb' } })
  const closed = useMemory(redis, { session: { maxMessages: 5, onFull: 'refuse' } })

  it('gives each message its seq, its id, and the time of the server', async () => {
    const session = tested.newSession()
    const before = Number((await tested.redis.time())[0]) * 1000
    const first = await session.append(user('hello'))
    const second = await session.append([{ role: 'assistant', content: 'hi' }, user('how are you?')])

    expect(first).toMatchObject({ stored: 'redis', duplicate: false, trimmed: 0 })
    expect([...first.messages, ...second.messages].map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(new Set([...first.messages, ...second.messages].map(({ id }) => id)).size).toBe(3)
    expect(first.messages[0]?.createdAt.getTime()).toBeGreaterThanOrEqual(before)
    expect(first.version).toMatch(/^1-[0-9a-f]{12}$/)
    expect(second.version).toMatch(/^2-[0-9a-f]{12}$/)
    const { messages, version } = await session.messages()
    expect(messages).toEqual([...first.messages, ...second.messages])
    expect(version).toBe(second.version)
  })

  it('keeps everything a message carries', async () => {
    const session = tested.newSession()
    const messages: MessageInput[] = [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this? ☕ \ud800' },
          { type: 'image', image: 'data:image/png;base64,AAAA', mediaType: 'image/png' },
          { type: 'file', data: 'QUJD', mediaType: 'text/plain', filename: 'a.txt' },
        ],
        metadata: {
          at: new Date('2026-03-01T10:00:00.123Z'),
          $date: 'not a date',
          nested: { $$x: [1, null, { y: -1.5e-7 }] },
        },
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Let me see.' },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { deep: [{}], empty: [] } },
        ],
        id: 'my-own-id',
        providerOptions: { some: { cache: true } },
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'look', output: { type: 'text', value: 'ok' } }],
      },
      { role: 'assistant', content: '', createdAt: new Date('1969-07-20T20:17:40.000Z') },
    ]
    const result = await session.append(messages)
    const read = await session.messages()

    expect(read.messages).toEqual(result.messages)
    expect(read.messages).toMatchObject(messages)
    expect(read.messages[2]?.id).toBe('my-own-id')
    expect(read.messages[1]?.metadata?.['at']).toBeInstanceOf(Date)
    expect(read.corrupt).toEqual([])
  })

  it('answers a repeated operation with the first result', async () => {
    const session = tested.newSession()
    const first = await session.append([user('a'), user('b')], { operationId: 'op-1' })
    await session.append(user('c'))
    const again = await session.append([user('a'), user('b')], { operationId: 'op-1' })

    expect(again).toEqual({ ...first, duplicate: true })
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['a', 'b', 'c'])
  })

  it('answers a repeated operation also when its messages were trimmed', async () => {
    const session = small.newSession()
    const first = await session.append(user('a'), { operationId: 'op-1' })
    for (let index = 0; index < 7; index++) await session.append(user(`later ${index}`))
    const again = await session.append(user('a'), { operationId: 'op-1' })

    expect(again).toMatchObject({ duplicate: true, version: first.version })
    expect(again.messages[0]).toMatchObject({ id: first.messages[0]?.id, seq: 1, content: 'a' })
    expect(again.messages[0]?.createdAt.getTime()).toBeLessThanOrEqual(first.messages[0]!.createdAt.getTime())
    expect(await session.info()).toMatchObject({ lastSeq: 8 })
  })

  it('takes the same payload with its keys in another order for the same', async () => {
    const session = tested.newSession()
    await session.append({ role: 'user', content: 'a', metadata: { x: 1, y: { p: 1, q: 2 } } }, { operationId: 'op' })
    const again = await session.append(
      { metadata: { y: { q: 2, p: 1 }, x: 1 }, content: 'a', role: 'user' },
      { operationId: 'op' },
    )
    expect(again.duplicate).toBe(true)
  })

  it.each<[string, MessageInput]>([
    ['text', user('other')],
    ['role', { role: 'assistant', content: 'a' }],
    ['metadata', { role: 'user', content: 'a', metadata: { x: 1 } }],
    ['time', { role: 'user', content: 'a', createdAt: new Date(0) }],
  ])('refuses an operation id that was used with another %s', async (_, other) => {
    const session = tested.newSession()
    await session.append(user('a'), { operationId: 'op' })
    const failed = session.append(other, { operationId: 'op', expectedVersion: '0' })
    await expect(failed).rejects.toThrow(MemoryConflictError)
    await expect(failed).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
      executed: 'no',
      operationId: 'op',
      sessionId: session.id,
    })
    expect((await session.messages()).messages).toHaveLength(1)
  })

  it('refuses an operation id that was used by a write of another kind', async () => {
    const session = tested.newSession()
    await session.append(user('a'), { operationId: 'op' })
    await expect(session.state.set({ a: 1 }, { operationId: 'op' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    await expect(session.clear({ operationId: 'op' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
  })

  it('remembers the last 128 operations, whatever their number', async () => {
    const session = tested.newSession()
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 170; index++) await session.append(user('a'), { operationId: `op-${round}-${index}` })
      for (let index = 169; index > 169 - 128; index--) {
        const { duplicate } = await session.append(user('a'), { operationId: `op-${round}-${index}` })
        expect({ index, duplicate }).toEqual({ index, duplicate: true })
      }
    }
    expect(await session.info()).toMatchObject({ count: 340, lastSeq: 340 })
  })

  it('stores only when the session has the expected version', async () => {
    const session = tested.newSession()
    const first = await session.append(user('a'), { expectedVersion: '0' })
    await expect(session.append(user('b'), { expectedVersion: '0' })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
    })
    const second = await session.append(user('b'), { expectedVersion: first.version })
    await expect(session.append(user('c'), { expectedVersion: first.version })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      path: 'options.expectedVersion',
      message: expect.stringContaining(second.version),
    })
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['a', 'b'])
  })

  it('lets the version of a duplicate stand for the next write, when nobody wrote in between', async () => {
    const session = tested.newSession()
    await session.append(user('a'), { operationId: 'op' })
    const { version } = await session.append(user('a'), { operationId: 'op' })
    await session.append(user('b'), { expectedVersion: version })
    await expect(session.append(user('c'), { expectedVersion: version })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
    })
  })

  it('trims the oldest messages beyond maxMessages, and says how many', async () => {
    const session = small.newSession()
    const results = []
    for (let index = 1; index <= 7; index++) results.push((await session.append(user(`${index}`))).trimmed)
    expect(results).toEqual([0, 0, 0, 0, 0, 1, 1])
    const { trimmed } = await session.append([user('8'), user('9'), user('10')])
    expect(trimmed).toBe(3)
    const { messages } = await session.messages()
    expect(messages.map(({ seq, content }) => `${seq}:${content as string}`)).toEqual([
      '6:6',
      '7:7',
      '8:8',
      '9:9',
      '10:10',
    ])
    expect(await session.info()).toMatchObject({ count: 5, firstSeq: 6, lastSeq: 10 })
  })

  it('trims beyond maxBytes, and its count of bytes is the one in Redis', async () => {
    const session = small.newSession()
    await session.state.set({ colour: 'blue' })
    for (let index = 1; index <= 4; index++) await session.append(user('x'.repeat(700)))
    const info = await session.info()
    expect(info).toMatchObject({ count: 2, firstSeq: 3, lastSeq: 4 })
    const fields = await small.redis.hgetall(small.keyOf(session))
    const records = Object.entries(fields).filter(([field]) => /^(m:|s:|y$)/.test(field))
    expect(info).toMatchObject({ bytes: records.reduce((sum, [, record]) => sum + Buffer.byteLength(record), 0) })
  })

  it('refuses a full session when it may not trim', async () => {
    const session = closed.newSession()
    for (let index = 0; index < 5; index++) await session.append(user('a'))
    const failed = session.append(user('b'))
    await expect(failed).rejects.toThrow(MemoryFullError)
    await expect(failed).rejects.toMatchObject({ code: 'SESSION_FULL', executed: 'no' })
    expect(await session.info()).toMatchObject({ count: 5, firstSeq: 1, lastSeq: 5 })
  })

  it('reaches a lowered cap over several appends, each of which is bounded', async () => {
    const session = tested.newSession()
    for (let index = 0; index < 3; index++) await session.append(Array.from({ length: 1_000 }, () => user('a')))
    const lowered = small.memory.session('lowered')
    const stored = await small.redis.dumpBuffer(tested.keyOf(session))
    await small.redis.restore(small.keyOf(lowered), 60_000, stored)
    expect((await lowered.append(user('b'))).trimmed).toBe(1_001)
    expect((await lowered.append(user('b'))).trimmed).toBe(1_001)
    await lowered.append(user('b'))
    expect(await lowered.info()).toMatchObject({ count: 5, firstSeq: 2_999, lastSeq: 3_003 })
  })

  it('refuses a message over maxMessageBytes, and an append that can never fit, before anything is written', async () => {
    const session = small.newSession()
    const failed = session.append([user('a'), user('é'.repeat(600))])
    await expect(failed).rejects.toThrow(MemoryTooLargeError)
    await expect(failed).rejects.toMatchObject({ code: 'TOO_LARGE', path: 'messages[1]', executed: 'no' })
    await expect(session.append(Array.from({ length: 6 }, () => user('a')))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      path: 'messages',
    })
    await expect(session.append(Array.from({ length: 4 }, () => user('a'.repeat(900))))).rejects.toMatchObject({
      code: 'SESSION_FULL',
    })
    expect(await small.redis.exists(small.keyOf(session))).toBe(0)
  })

  it('keeps the order of calls that are not awaited, also while the session is being created', async () => {
    for (let round = 0; round < 20; round++) {
      const session = tested.newSession()
      const calls = Array.from({ length: 20 }, (_, index) => session.append(user(`${index}`)))
      await new Promise((resolve) => setImmediate(resolve))
      calls.push(...Array.from({ length: 20 }, (_, index) => session.append(user(`${20 + index}`))))
      const results = await Promise.all(calls)
      expect(results.map(({ messages }) => messages[0]?.seq)).toEqual(
        Array.from({ length: 40 }, (_, index) => index + 1),
      )
    }
  })

  it('refuses what would not come back as it is, and names its place', async () => {
    const session = tested.newSession()
    const values: [unknown, string, RegExp][] = [
      [[1, () => 1], 'messages[0].metadata.value[1]', /function/],
      [{ 'a b': Symbol('x') }, 'messages[0].metadata.value["a b"]', /symbol/],
      [{ [Symbol('x')]: 1 }, 'messages[0].metadata.value', /symbol/],
      [new WeakSet(), 'messages[0].metadata.value', /WeakSet/],
      [new Map([['a', { b: new WeakMap() }]]), 'messages[0].metadata.value', /WeakMap/],
      [Promise.resolve(1), 'messages[0].metadata.value', /Promise/],
    ]
    for (const [value, path, text] of values) {
      const failed = session.append({ role: 'user', content: 'a', metadata: { value } })
      await expect(failed).rejects.toMatchObject({
        code: 'NOT_SERIALIZABLE',
        path: expect.stringContaining(path),
        message: expect.stringMatching(text),
      })
    }
    expect(await tested.redis.exists(tested.keyOf(session))).toBe(0)
  })

  it('keeps rich values in metadata and tool results, cycles among them', async () => {
    const session = tested.newSession()
    const cyclic: Record<string, unknown> = { at: new Date(Number.NaN), left: undefined, big: 10n, zero: -0 }
    cyclic['self'] = cyclic
    const output = new Map<unknown, unknown>([[{ key: 1 }, new Set([new Date(0), Buffer.from('x')])]])
    const content = [{ type: 'tool-result' as const, toolCallId: 'c', toolName: 't', output }]
    await session.append({ role: 'tool', content, metadata: cyclic })
    const [message] = (await session.messages()).messages
    expect(message?.content).toStrictEqual(content)
    const metadata = message?.metadata ?? {}
    expect(metadata['self']).toBe(metadata)
    expect(metadata).toMatchObject({ left: undefined, big: 10n })
    expect(Object.is(metadata['zero'], -0)).toBe(true)
    expect((metadata['at'] as Date).getTime()).toBeNaN()
  })
})
