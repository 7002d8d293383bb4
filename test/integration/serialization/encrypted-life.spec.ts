import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'
import { watchCommands } from '../../support/watch-commands.js'

const user = (content: string) => ({ role: 'user' as const, content })
const fields = (value: (index: number) => object): Record<string, object> =>
  Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field ${index}`, value(index)]))

describeWithRedis('the life of an encrypted session', (redis) => {
  const encryption = { current: 'k1', keys: { k1: testKey(1) } }
  const namespace = `life-${randomUUID()}`
  const tested = useMemory(redis, { serialization: { encryption }, resilience: { onLoss: 'report' } }, namespace)
  const other = useMemory(redis, { serialization: { encryption }, resilience: { onLoss: 'report' } }, namespace)
  const { newSession, keyOf } = tested

  it('begins anew where Redis lost it, though this process knows a later seq', async () => {
    const session = newSession()
    await session.append(['a', 'b', 'c'].map(user))
    await tested.redis.del(keyOf(session))
    const { messages } = await session.append(['d', 'e'].map(user), { operationId: 'd' })
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2])
    expect(await session.append(['d', 'e'].map(user), { operationId: 'd' })).toMatchObject({ duplicate: true })
    expect(await session.messages()).toMatchObject({ messages: [{ content: 'd' }, { content: 'e' }], corrupt: [] })
  })

  it('goes on from its seq after it was deleted or cleared, for every process', async () => {
    const session = newSession()
    const elsewhere = other.memory.session(session.id)
    await session.append(['a', 'b'].map(user))
    await session.clear()
    await session.append(user('c'))
    await session.delete()
    await elsewhere.append(user('d'))
    await session.append(user('e'))
    expect(await session.messages()).toMatchObject({
      messages: [
        { seq: 4, content: 'd' },
        { seq: 5, content: 'e' },
      ],
      corrupt: [],
    })
  })

  it('takes one command per append also after an append of several messages', async () => {
    const session = newSession()
    await session.append(['a', 'b', 'c'].map(user))
    const watch = await watchCommands(redis)
    await session.append(user('d'))
    await tested.redis.get('the last')
    await poll(() => watch.lines.some((line) => line.includes('the last')))
    watch.stop()
    expect(watch.lines.filter((line) => line.includes(keyOf(session)))).toHaveLength(1)
  })

  it('says of each value whether it is a plain object, and nothing of its members', async () => {
    const session = newSession()
    await session.state.set({ object: { a: 1 }, text: 'a', date: new Date(0), list: [] })
    const records = await tested.redis.hgetall(keyOf(session))
    const forms = Object.entries(records).flatMap(([field, record]) =>
      field.startsWith('s:') ? [[field, record.replace(/^1 \S+ \d+ 0 (\S+) ek1\.[\w-]+$/, '$1')]] : [],
    )
    expect(Object.fromEntries(forms)).toEqual({ 's:object': 'x', 's:text': '-', 's:date': '-', 's:list': '-' })
  })

  it('keeps the expiry of a value through patches, and starts with none when it has expired', async () => {
    const session = newSession()
    await session.state.set({ trip: { to: 'Bern' } }, { ttl: '1h' })
    const expiryOf = async (): Promise<string> =>
      (await tested.redis.hget(keyOf(session), 's:trip'))!.replace(/^1 \S+ \d+ (\d+) x .*$/s, '$1')
    const first = await expiryOf()
    expect(Number(first)).toBeGreaterThan(Date.now())
    await session.state.patch({ trip: { from: 'Basel' } })
    expect(await expiryOf()).toBe(first)
    await session.state.patch({ trip: { via: 'Olten' } }, { ttl: '2h' })
    expect(Number(await expiryOf())).toBeGreaterThan(Number(first) + 1_800_000)
    const record = (await tested.redis.hget(keyOf(session), 's:trip'))!
    await tested.redis.hset(keyOf(session), 's:trip', record.replace(/^(1 \S+ \d+) \d+/, '$1 0000000000001'))
    await session.state.patch({ trip: { a: 1 } })
    expect(await expiryOf()).toBe('0')
    expect(await session.state.value('trip')).toEqual({ a: 1 })
  })

  it('merges plain objects alone, also beside one that has to be merged', async () => {
    const session = newSession()
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    await session.state.set({ trip: { a: 1 }, bare, list: [1], date: new Date(0) })
    const added = { b: 1 }
    await session.state.patch({ trip: added, bare: added, list: added, date: added, fresh: added })
    expect((await session.state.get()).values).toEqual({
      trip: { a: 1, b: 1 },
      bare: added,
      list: added,
      date: added,
      fresh: added,
    })
  })

  it('holds a patch to the versions that it expects, of its own fields and of others', async () => {
    const session = newSession()
    const { versions } = await session.state.set({ trip: { to: 'Bern' }, total: 1 })
    const { versions: later } = await session.state.patch({ trip: { a: 1 } }, { expectedVersions: versions })
    for (const expectedVersions of [{ trip: versions['trip'] }, { trip: later['trip'], total: '0' }]) {
      await expect(session.state.patch({ trip: { b: 1 } }, { expectedVersions })).rejects.toMatchObject({
        code: 'VERSION_MISMATCH',
        executed: 'no',
      })
    }
    expect(await session.state.value('trip')).toEqual({ to: 'Bern', a: 1 })
  })

  it('merges what stands under names with spaces, percent signs and such as objects have themselves', async () => {
    const session = newSession()
    const names = ['a b', '100%', '%0A', 'é☕😀', '__proto__', 'constructor', '1', 's:a', '{x}', '\u2028']
    const each = (value: unknown): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, value]))
    await session.state.set(each({ to: 'Bern' }))
    await session.state.patch(each({ from: new Date(0) }))
    const { values, corrupt } = await session.state.get()
    expect(corrupt).toEqual([])
    expect(new Map(Object.entries(values))).toEqual(new Map(Object.entries(each({ to: 'Bern', from: new Date(0) }))))
    const odd = tested.memory.session('a b%2F/é☕ "x"\'~!()', { tenant: '%3A %', userId: 'ö%' })
    await odd.append(user('a'))
    await odd.state.patch({ o: { a: 1 } })
    await odd.state.patch({ o: { b: 1 } })
    expect(await odd.context()).toMatchObject({
      messages: [{ content: 'a' }],
      state: { o: { a: 1, b: 1 } },
      corrupt: [],
    })
  })

  it('takes 1,000 fields and their patches, and 10,000 messages', async () => {
    const session = newSession()
    await session.state.set(fields((index) => ({ index })))
    await session.state.patch(fields(() => ({ more: true })))
    const contents = Array.from({ length: 10_000 }, (_, index) => `${index}`)
    for (let from = 0; from < contents.length; from += 2_500) {
      await session.append(contents.slice(from, from + 2_500).map(user))
    }
    const { messages, state, corrupt } = await session.context()
    expect(corrupt).toEqual([])
    expect(messages.map(({ content }) => content)).toEqual(contents)
    expect(state).toEqual(fields((index) => ({ index, more: true })))
    await session.append(user('the next'))
    expect(await session.info()).toMatchObject({ count: 10_000, firstSeq: 2, lastSeq: 10_001 })
  }, 60_000)
})
