import { randomUUID } from 'node:crypto'
import { expect, it } from '@jest/globals'
import type { MessagesOptions, MessagesResult } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { fill, furtherSlice, largeMessages } from '../../support/large-sessions.js'
import { poll } from '../../support/poll.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
const seqs = ({ messages }: Pick<MessagesResult, 'messages'>): number[] => messages.map(({ seq }) => seq)

describeWithRedis('what happens between the answers of a large read', (redis) => {
  const namespace = `between-${randomUUID()}`
  const session = { maxMessages: 40 }
  const tested = useFaultyMemory(redis, { session, resilience: { deadline: '5s' } }, namespace)
  const other = useMemory(redis, { session }, namespace)
  const stale = useFaultyMemory(redis, { session, resilience: { deadline: '3s', onOutage: 'stale' } }, namespace)
  const large = largeMessages(40, 100_000)

  /** Reads, and has another process write before the second answer is asked for. */
  const readWhile = async (
    options: MessagesOptions,
    write: (session: StoringSession, version: string) => Promise<unknown>,
  ): Promise<{ read: MessagesResult; before: string; answers: number }> => {
    const id = randomUUID()
    const foreign = other.memory.session(id)
    await fill(foreign, large)
    const { version: before } = await foreign.messages({ last: 1 })
    const asked = tested.proxy.commands('EVALSHA')
    const second = tested.proxy.on(furtherSlice, 'delay', { ms: 700 })
    let isAnswered = false
    const reading = tested.memory
      .session(id)
      .messages(options)
      .finally(() => (isAnswered = true))
    await poll(() => second.hits === 1)
    await write(foreign, before)
    expect(isAnswered).toBe(false)
    const read = await reading
    return { read, before, answers: tested.proxy.commands('EVALSHA') - asked }
  }

  it('is not in it, when messages are appended', async () => {
    const { read, before, answers } = await readWhile({ last: 30 }, (foreign) =>
      foreign.append(largeMessages(2, 9, 41)),
    )
    expect(seqs(read)).toEqual(range(11, 40))
    expect(read.version).toBe(before)
    expect(answers).toBe(3)
  })

  it('does not matter, when what is trimmed by an append was read already', async () => {
    const { read, before, answers } = await readWhile({}, (foreign) => foreign.append(largeMessages(2, 9, 41)))
    expect(seqs(read)).toEqual(range(1, 40))
    expect(read.messages.map(({ content }) => content)).toEqual(large.map(({ content }) => content))
    expect(read.version).toBe(before)
    expect(answers).toBe(4)
  })

  it('has it begin anew, when messages of it are trimmed', async () => {
    const { read, before, answers } = await readWhile({ last: 40 }, (foreign) =>
      foreign.append(largeMessages(2, 9, 41)),
    )
    expect(seqs(read)).toEqual(range(3, 42))
    expect(read.version).not.toBe(before)
    expect(answers).toBeGreaterThan(4)
  })

  it('has it begin anew, when messages of it are summarised', async () => {
    const { read, answers } = await readWhile({}, (foreign, basedOn) =>
      foreign.summary.commit({ text: 'Much.', coversSeq: 20, replaces: null, basedOn }),
    )
    expect(seqs(read)).toEqual(range(21, 40))
    expect(answers).toBe(2 + 2)
  })

  it('has nothing left of it, when the session is cleared', async () => {
    const { read, before, answers } = await readWhile({}, (foreign) => foreign.clear())
    expect(read.messages).toEqual([])
    expect(read.version.split('-')[0]).toBe(String(Number.parseInt(before, 10) + 1))
    expect(answers).toBe(3)
  })

  it('has nothing left of it, when the session is deleted, and is read of the next one', async () => {
    expect((await readWhile({}, (foreign) => foreign.delete())).read).toMatchObject({ messages: [], version: '0' })
    const { read } = await readWhile({ last: 40 }, async (foreign) => {
      await foreign.delete()
      await foreign.append(largeMessages(3, 9, 41))
    })
    expect(seqs(read)).toEqual(range(41, 43))
  })

  it('is a lost session, when the server has lost it', async () => {
    const lost = readWhile({}, (foreign) => other.redis.unlink(other.keyOf(foreign)))
    await expect(lost).rejects.toMatchObject({ code: 'LOST' })
  })

  it('is repeated, when a connection ends', async () => {
    const foreign = other.memory.session(randomUUID())
    await fill(foreign, large)
    const second = tested.proxy.on({ ...furtherSlice, nth: 2 }, 'drop-reply')
    expect(seqs(await tested.memory.session(foreign.id).messages())).toEqual(range(1, 40))
    expect(second.hits).toBe(1)
  })

  it('has the whole come from what this process saw last, when Redis is away meanwhile, or nothing', async () => {
    // Of what takes more than a moment to decode.
    const metadata = { at: Array.from({ length: 800 }, (_, index) => new Date(index)) }
    const messages = largeMessages(15, 50_000).map((message) => ({ ...message, metadata }))
    const [known, unknown] = [other.memory.session(randomUUID()), other.memory.session(randomUUID())]
    for (const each of [known, unknown]) await fill(each, messages)
    expect(await stale.memory.session(known.id).messages()).toMatchObject({ stale: false })
    const away = stale.proxy.on(furtherSlice, 'blackhole')
    const read = await stale.memory.session(known.id).messages()
    expect(away.hits).toBe(1)
    expect(read).toMatchObject({ stale: true, staleMs: expect.any(Number) })
    expect(read.messages.map(({ content }) => content)).toEqual(messages.map(({ content }) => content))
    expect(read.messages.at(-1)?.metadata).toEqual(metadata)
    await stale.proxy.restore()
    await poll(async () => !(await stale.memory.session(known.id).messages()).stale)
    const again = stale.proxy.on(furtherSlice, 'blackhole')
    await expect(stale.memory.session(unknown.id).messages()).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no' })
    expect(again.hits).toBe(1)
  })
})
