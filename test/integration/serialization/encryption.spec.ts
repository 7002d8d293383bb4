import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'
import { watchCommands } from '../../support/watch-commands.js'

const SECRET = 'the passport number is X1234567'

describeWithRedis('encryption at rest', (redis) => {
  const encryption = { current: 'k1', keys: { k1: testKey(1) } }
  const tested = useMemory(redis, { serialization: { encryption } })
  const { newSession, keyOf } = tested
  const allOf = async (key: string): Promise<string> => JSON.stringify(await tested.redis.hgetall(key))

  it('leaves no text of messages, state and summaries in Redis, and reads them all', async () => {
    const session = newSession()
    const { version } = await session.append([
      { role: 'user', content: SECRET, metadata: { secret: SECRET } },
      { role: 'assistant', content: 'ok' },
    ])
    await session.state.set({ passport: SECRET, trip: { to: SECRET } })
    await session.state.patch({ trip: { from: SECRET } })
    await session.summary.commit({ text: SECRET, coversSeq: 1, replaces: null, basedOn: version })
    const stored = (await allOf(keyOf(session))) + (await tested.redis.get(`${keyOf(session)}:summary`))
    expect(stored).not.toContain('passport number')
    expect(stored).not.toContain(Buffer.from('passport number').toString('base64').slice(4, 16))
    expect(stored).toContain('ek1.')

    const { messages, state, summary, corrupt } = await session.context()
    expect(corrupt).toEqual([])
    expect(messages.map(({ content }) => content)).toEqual(['ok'])
    expect(state).toEqual({ passport: SECRET, trip: { to: SECRET, from: SECRET } })
    expect(summary?.text).toBe(SECRET)
  })

  it('takes one command per append once the process has written to the session', async () => {
    const session = newSession()
    await session.append({ role: 'user', content: 'a' })
    const watch = await watchCommands(redis)
    await session.append({ role: 'user', content: 'b' })
    await session.append([
      { role: 'user', content: 'c' },
      { role: 'user', content: 'd' },
    ])
    // Others share the server.
    const own = (): string[] => watch.lines.filter((line) => line.includes(keyOf(session)))
    await tested.redis.exists(keyOf(session))
    await poll(() => own().some((line) => /"exists"/i.test(line)))
    watch.stop()
    expect(own().map((line) => /"(\w+)"/.exec(line)?.[1]?.toLowerCase())).toEqual(['evalsha', 'evalsha', 'exists'])
  })

  it('keeps order and loses nothing when several handles write at a time', async () => {
    const session = newSession()
    const other = tested.memory.session(session.id)
    const contents = Array.from({ length: 40 }, (_, index) => `${index}`)
    await Promise.all(
      contents.map((content, index) => (index % 2 === 0 ? session : other).append({ role: 'user', content })),
    )
    const { messages, corrupt } = await session.messages()
    expect(corrupt).toEqual([])
    expect(messages.map(({ content }) => content)).toEqual(contents)
  })

  it('repeats a write by its operationId, and tells another payload', async () => {
    const session = newSession()
    const options = { operationId: 'turn-1' }
    const first = await session.append({ role: 'user', content: 'Hello' }, options)
    await session.append({ role: 'assistant', content: 'Hi' })
    const again = await session.append({ role: 'user', content: 'Hello' }, options)
    expect(again).toEqual({ ...first, duplicate: true })
    await expect(session.append({ role: 'user', content: 'Bye' }, options)).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
    })
  })

  it.each<[string, (key: string, other: string) => Promise<unknown>, object]>([
    [
      'a message moved to another session',
      async (key, other) => tested.redis.hset(key, 'm:1', (await tested.redis.hget(other, 'm:1'))!),
      { kind: 'message', seq: 1 },
    ],
    [
      'a message moved to another seq',
      async (key) => tested.redis.hset(key, 'm:1', (await tested.redis.hget(key, 'm:2'))!),
      { kind: 'message', seq: 1 },
    ],
    [
      'a message under another role',
      async (key) => tested.redis.hset(key, 'm:1', (await tested.redis.hget(key, 'm:1'))!.replace(/^1u/, '1s')),
      { kind: 'message', seq: 1 },
    ],
    [
      'a state value moved to another field',
      async (key) => tested.redis.hset(key, 's:a', (await tested.redis.hget(key, 's:b'))!),
      { kind: 'state', field: 'a' },
    ],
    [
      'a truncated tag',
      async (key) => tested.redis.hset(key, 'm:1', (await tested.redis.hget(key, 'm:1'))!.slice(0, -16)),
      { kind: 'message', seq: 1 },
    ],
    [
      'a key that does not exist',
      async (key) => tested.redis.hset(key, 'm:1', (await tested.redis.hget(key, 'm:1'))!.replace('ek1.', 'ek9.')),
      { kind: 'message', seq: 1 },
    ],
    [
      'plain text',
      async (key) =>
        tested.redis.hset(key, 'm:1', (await tested.redis.hget(key, 'm:1'))!.replace(/ek1\..*$/, '["Hello"]')),
      { kind: 'message', seq: 1 },
    ],
  ])('does not take %s for its own', async (_, tamper, named) => {
    const session = newSession()
    const other = newSession()
    for (const one of [session, other]) {
      await one.append([
        { role: 'user', content: 'one' },
        { role: 'user', content: 'two' },
      ])
      await one.state.set({ a: 1, b: 2 })
    }
    await tamper(keyOf(session), keyOf(other))
    const { messages, state, corrupt } = await session.context()
    expect(corrupt).toEqual([{ ...named, reason: expect.any(String) }])
    expect(messages.length + Object.keys(state).length).toBe(3)
  })

  it('merges patches of two writers, also when they race', async () => {
    const session = newSession()
    const other = tested.memory.session(session.id)
    await session.state.set({ trip: { from: 'Basel' } })
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? session : other).state.patch({ trip: { [`stop${index}`]: index } }),
      ),
    )
    const { values } = await session.state.get()
    expect(Object.keys(values.trip as object)).toHaveLength(11)
  })
})

describeWithRedis('the rotation of encryption keys', (redis) => {
  const namespace = `rotation-${process.pid}`
  const both = { k1: testKey(1), k2: testKey(2) }
  const before = useMemory(
    redis,
    { serialization: { encryption: { current: 'k1', keys: { k1: testKey(1) } } } },
    namespace,
  )
  const during = useMemory(redis, { serialization: { encryption: { current: 'k2', keys: both } } }, namespace)
  const after = useMemory(
    redis,
    { serialization: { encryption: { current: 'k2', keys: { k2: testKey(2) } } } },
    namespace,
  )
  const plain = useMemory(redis, {}, namespace)
  const adopting = useMemory(
    redis,
    { serialization: { encryption: { current: 'k1', keys: both, allowPlaintext: true } } },
    namespace,
  )

  it('leaves no record under the old key, and every record readable under the new one', async () => {
    const session = before.newSession()
    const messages = Array.from({ length: 450 }, (_, index) => ({ role: 'user' as const, content: `${index}` }))
    const { version } = await session.append(messages)
    await session.state.set({ a: { b: 1 }, c: [2] })
    await session.summary.commit({ text: 'so far', coversSeq: 20, replaces: null, basedOn: version })

    const rotating = during.memory.session(session.id)
    await rotating.append({ role: 'user', content: 'under the new key' })
    const info = await rotating.info()
    expect(await rotating.reencrypt()).toEqual({ reencrypted: 433, current: 434, remaining: 0, corrupt: [] })
    expect(await rotating.reencrypt()).toEqual({ reencrypted: 0, current: 434, remaining: 0, corrupt: [] })
    const key = during.keyOf(session)
    const stored = JSON.stringify(await during.redis.hgetall(key)) + (await during.redis.get(`${key}:summary`))
    expect(stored).not.toContain('ek1.')
    expect(stored.split('ek2.')).toHaveLength(434 + 2)
    const { bytes, ...rest } = (await rotating.info()) as { bytes: number }
    expect(rest).toEqual({ ...info, bytes: undefined })
    expect(bytes).toBe((info as { bytes: number }).bytes)

    const context = await after.memory.session(session.id).context()
    expect(context.corrupt).toEqual([])
    expect(context.messages.map(({ content }) => content)).toEqual([
      ...messages.slice(20).map(({ content }) => content),
      'under the new key',
    ])
    expect(context.state).toEqual({ a: { b: 1 }, c: [2] })
    expect(context.summary?.text).toBe('so far')
  })

  it('knows a retry of a write that was made under the old key', async () => {
    const session = before.newSession()
    const operation = { operationId: 'o' }
    const first = await session.append({ role: 'user', content: 'a' }, operation)
    const again = await during.memory.session(session.id).append({ role: 'user', content: 'a' }, operation)
    expect(again).toEqual({ ...first, duplicate: true })
  })

  it('reports what stands under a key that was taken away, and keeps it', async () => {
    const session = before.newSession()
    await session.append({ role: 'user', content: 'a' })
    const reading = after.memory.session(session.id)
    expect(await reading.messages()).toMatchObject({
      messages: [],
      corrupt: [{ kind: 'message', seq: 1, reason: expect.stringContaining('"k1"') }],
    })
    expect(await reading.reencrypt()).toMatchObject({ reencrypted: 0, corrupt: [{ seq: 1 }] })
    expect((await session.messages()).messages).toHaveLength(1)
  })

  it('turns a memory that was not encrypted into one that is', async () => {
    const session = plain.memory.session('adopted')
    await session.append({ role: 'user', content: 'a' })
    await session.state.set({ trip: { to: 'Bern' } })
    await expect(session.reencrypt()).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect((await before.memory.session(session.id).messages()).corrupt).toMatchObject([{ seq: 1 }])

    const adopted = adopting.memory.session(session.id)
    await adopted.append({ role: 'user', content: 'b' })
    await adopted.state.patch({ trip: { from: 'Basel' } })
    expect(await adopted.reencrypt()).toEqual({ reencrypted: 1, current: 3, remaining: 0, corrupt: [] })
    const { messages, state, corrupt } = await before.memory.session(session.id).context()
    expect(corrupt).toEqual([])
    expect(messages.map(({ content }) => content)).toEqual(['a', 'b'])
    expect(state).toEqual({ trip: { to: 'Bern', from: 'Basel' } })
  })
})
