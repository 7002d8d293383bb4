import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { MemoryModule, type MessagesOptions, type ShedEvent } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'
import { fill, furtherSlice, largeMessages } from '../../support/large-sessions.js'
import { poll } from '../../support/poll.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'
import { eventsOf } from '../../support/events-of.js'

const small = { role: 'user', content: 'Hello?' } as const
/** How many messages of 100 kB are a mebibyte. */
const IN_A_SLICE = 11
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** In which turn of the event loop each of them was decoded. */
class Slow {
  readonly is = 'slow'
}
const turns = { now: 0, decodedIn: [] as number[] }
const slowly = (ms: number) => ({
  type: Slow,
  name: 'Slow',
  serialize: () => null,
  deserialize: () => {
    const end = performance.now() + ms
    while (performance.now() < end);
    turns.decodedIn.push(turns.now)
    return new Slow()
  },
})

describeWithRedis('reads of large sessions', (redis) => {
  const tested = useFaultyMemory(redis)
  const patient = useMemory(redis, { resilience: { deadline: '5s' } })
  const encrypted = useMemory(redis, {
    serialization: { encryption: { current: 'k', keys: { k: randomBytes(32) } } },
  })
  const narrow = useFaultyMemory(redis, { resilience: { inFlight: { bytes: '3mb' } } })
  const slow = useMemory(redis, { serialization: { types: [slowly(2)] } })
  const tooSlow = useMemory(redis, {
    serialization: { types: [slowly(20)] },
    resilience: { deadline: '300ms', breaker: { failures: 2 } },
  })
  const hasty = useFaultyMemory(redis, { resilience: { deadline: '1s', breaker: { failures: 3 } } })
  const large = largeMessages(60, 100_000)

  it('leave room for the calls of others, and are whole or turned away', async () => {
    const session = patient.newSession()
    const messages = largeMessages(10_000, 3_000)
    await fill(session, messages)
    const expected = messages.map(({ content }) => content)
    const others = { isDone: false, calls: 0, slowest: 0 }
    const calling = Array.from({ length: 3 }, async () => {
      const other = patient.newSession()
      while (!others.isDone) {
        const began = performance.now()
        await other.append(small)
        await other.messages({ last: 20 })
        others.calls++
        others.slowest = Math.max(others.slowest, performance.now() - began)
      }
    })
    const reads = await Promise.allSettled(Array.from({ length: 20 }, () => session.messages()))
    others.isDone = true
    await Promise.all(calling)
    const [whole, failed] = [
      reads.flatMap((read) => (read.status === 'fulfilled' ? [read.value] : [])),
      reads.flatMap((read) => (read.status === 'rejected' ? [read.reason as unknown] : [])),
    ]
    expect(failed).toEqual(failed.map(() => expect.objectContaining({ code: 'OVERLOADED', executed: 'no' })))
    expect(whole.length).toBeGreaterThan(0)
    for (const { messages: read } of whole) {
      expect(read.every(({ content, seq }, index) => content === expected[index] && seq === index + 1)).toBe(true)
      expect(read).toHaveLength(10_000)
    }
    expect(others.slowest).toBeLessThan(2_000)
    expect(others.calls).toBeGreaterThan(10)
    expect(patient.memory.status()).toMatchObject({ breaker: 'closed', inFlight: 0 })
    expect((await session.messages()).messages).toHaveLength(10_000)
  })

  it.each<[string, MessagesOptions, number[]]>([
    ['all', {}, range(1, 60)],
    ['the last', { last: 40 }, range(21, 60)],
    ['few', { last: 10 }, range(51, 60)],
    ['the last turns', { turns: 20 }, range(21, 60)],
    ['a number of tokens', { maxTokens: 1_000_000 }, range(21, 60)],
    ['after', { after: 5 }, range(6, 60)],
    ['before', { before: 51 }, range(1, 50)],
    ['between', { after: 5, before: 50 }, range(6, 49)],
    ['after, limited', { after: 5, limit: 30 }, range(6, 35)],
    ['before, limited', { before: 51, limit: 30 }, range(21, 50)],
  ])('give %s in as many answers as it takes', async (_, options, seqs) => {
    const session = tested.memory.session('windows')
    if (!(await session.info()).exists) await fill(session, large)
    const before = tested.proxy.commands('EVALSHA')
    const { messages } = await session.messages(
      options.maxTokens === undefined ? options : { maxTokens: 40 * (await tokensOfOne(session)) },
    )
    const asked = tested.proxy.commands('EVALSHA') - before - (options.maxTokens === undefined ? 0 : 1)
    expect(messages.map(({ seq }) => seq)).toEqual(seqs)
    expect(messages.map(({ content }) => content)).toEqual(seqs.map((seq) => large[seq - 1]!.content))
    expect(asked).toBe(Math.ceil(seqs.length / IN_A_SLICE))
  })

  it('give the context with summary and state, which come once', async () => {
    const session = tested.memory.session('context')
    await fill(session, large)
    await session.state.set({ name: 'Ada', town: 'Rome' })
    const { version: basedOn } = await session.messages({ last: 1 })
    await session.summary.commit({ text: 'Much.', coversSeq: 10, replaces: null, basedOn })
    const before = tested.proxy.commands('EVALSHA')
    const context = await session.context()
    expect(tested.proxy.commands('EVALSHA') - before).toBe(5)
    expect(context).toMatchObject({ summary: { text: 'Much.' }, state: { name: 'Ada', town: 'Rome' }, omitted: 0 })
    expect(context.messages.map(({ seq }) => seq)).toEqual(range(11, 60))
  })

  it('open what is encrypted, and name what cannot be read', async () => {
    const session = encrypted.newSession()
    await fill(session, large)
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual(
      large.map(({ content }) => content),
    )
    const key = encrypted.keyOf(session)
    await encrypted.redis.hset(key, 'm:2', 'broken', 'm:30', (await encrypted.redis.hget(key, 'm:31'))!)
    for (const options of [{}, { last: 60 }]) {
      const { messages, corrupt } = await session.messages(options)
      expect(messages.map(({ seq }) => seq)).toEqual(range(1, 60).filter((seq) => seq !== 2 && seq !== 30))
      expect(new Set(corrupt.map(({ seq }) => seq))).toEqual(new Set([2, 30]))
    }
    const quarantine = await session.quarantine()
    expect(quarantine.records.map(({ seq }) => seq)).toEqual([2, 30])
  })

  it('hold no more than inFlight.bytes together, but for one that is larger by itself', async () => {
    const session = narrow.memory.session('large')
    await fill(session, large)
    const fifth = narrow.proxy.on({ ...furtherSlice, nth: 4 }, 'delay', { ms: 500 })
    const first = session.messages()
    await poll(() => fifth.hits === 1)
    const events = await eventsOf<ShedEvent>('shed', async () => {
      await expect(session.messages()).rejects.toMatchObject({
        code: 'OVERLOADED',
        executed: 'no',
        retryable: true,
        sessionId: 'large',
        message: expect.stringContaining('resilience.inFlight allows'),
      })
    })
    expect(events).toEqual([{ sessionId: 'large', operation: 'messages', memory: narrow.namespace }])
    expect((await first).messages).toHaveLength(60)
    // Nothing of it is counted any more.
    for (let index = 0; index < 3; index++) expect((await session.messages()).messages).toHaveLength(60)
  })

  it('turn no write away', async () => {
    const session = narrow.memory.session('beside')
    await fill(session, large)
    const fifth = narrow.proxy.on({ ...furtherSlice, nth: 4 }, 'delay', { ms: 500 })
    const reading = Promise.allSettled([session.messages()])
    await poll(() => fifth.hits === 1)
    expect(await narrow.memory.session('other').append(largeMessages(3, 900_000))).toMatchObject({ stored: 'redis' })
    await reading
  })

  it('let the event loop turn while records are decoded', async () => {
    const session = slow.newSession()
    await session.append(Array.from({ length: 50 }, () => ({ ...small, metadata: { slow: new Slow() } })))
    let counting = true
    const count = (): void => {
      turns.now++
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    turns.decodedIn = []
    const reads = await Promise.all([session.messages(), session.context()])
    counting = false
    expect(reads.map(({ messages }) => messages.length)).toEqual([50, 50])
    const most = Math.max(...turns.decodedIn.map((turn) => turns.decodedIn.filter((other) => other === turn).length))
    expect(turns.decodedIn).toHaveLength(100)
    // The clock is looked at after eight of them; in one turn are both reads at the most, when they begin.
    expect(most).toBeLessThanOrEqual(2 * 8)
    expect(new Set(turns.decodedIn).size).toBeGreaterThanOrEqual(2 * Math.ceil(50 / 8) - 1)
  })

  it('end with the time of the call also while records are decoded, which is no silence of Redis', async () => {
    const session = tooSlow.newSession()
    await session.append(Array.from({ length: 50 }, () => ({ ...small, metadata: { slow: new Slow() } })))
    for (let index = 0; index < 3; index++) {
      const began = performance.now()
      await expect(session.messages()).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no', sessionId: session.id })
      expect(performance.now() - began).toBeLessThan(1_000)
      expect(await session.info()).toMatchObject({ count: 50 })
    }
    expect(tooSlow.memory.status()).toMatchObject({ breaker: 'closed', inFlight: 0 })
  })

  it('do not open the breaker when the time of the call is over between two answers', async () => {
    const session = hasty.memory.session('far')
    await fill(session, large.slice(0, 40))
    hasty.proxy.latency(130)
    const before = hasty.proxy.commands('EVALSHA')
    const reads = await Promise.allSettled(Array.from({ length: 3 }, () => session.messages()))
    expect(hasty.proxy.commands('EVALSHA') - before).toBeGreaterThan(3)
    expect(reads).toMatchObject(
      reads.map(() => ({ status: 'rejected', reason: { code: 'TIMEOUT', sessionId: 'far' } })),
    )
    expect(hasty.memory.status().breaker).toBe('closed')
    expect((await session.messages({ last: 1 })).messages).toHaveLength(1)
  })

  it('that are under way are answered when the application closes', async () => {
    const closing = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
      namespace: `closing-${randomUUID()}`,
      createApplication: (module) => module.createNestApplication({ logger: false }),
    })
    const session = closing.memory.session('large')
    await fill(session as StoringSession, large)
    const reads = [session.messages(), session.context()]
    await closing.app.close()
    const answers = await Promise.all(reads)
    expect(answers.map(({ messages }) => messages.length)).toEqual([60, 60])
    await closing.close()
  })
})

const tokensOfOne = async (session: StoringSession): Promise<number> => (await session.context({ last: 1 })).tokens
