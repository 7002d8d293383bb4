import { beforeEach, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { Deadline } from '../../../lib/redis/deadline.js'
import type { ScriptReply } from '../../../lib/redis/run-script.js'
import { readScript } from '../../../lib/redis/scripts/scripts.generated.js'
import type { FoundRecords, WindowRequest } from '../../../lib/session/window-request.interface.js'
import { SliceReader } from '../../support/slice-reader.js'
import type { StoringSession } from '../../support/storing-memory.js'
import { useMemory } from '../../support/use-memory.js'

/** Of messages of some 130 bytes each. */
const BYTES = 300
/** What the script answers when a slice is not of the same state of the session. */
const LOST_ITS_STATE = 3

const texts = (count: number, length = 100) =>
  Array.from({ length: count }, (_, index) => ({ role: 'user' as const, content: String(index % 10).repeat(length) }))
const seqs = ({ messages }: FoundRecords): number[] => messages.map(([seq]) => seq)
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
const newest = (limits: object = {}): WindowRequest => ({ messages: { from: 'newest', most: 20, ...limits } })
const oldest = (limits: object = {}): WindowRequest => ({ messages: { from: 'oldest', ...limits } })
const bytesOf = (slices: readonly ScriptReply[]): number =>
  slices.reduce((sum, [, , , , , , , , , bytes]) => sum + Number(bytes), 0)
/** Does it between the first and the second slice. */
const once = (work: () => Promise<unknown>) => async (slicesBefore: number) => {
  if (slicesBefore === 1) await work()
}

/** The script, which counts the bytes of all messages that it looks at. */
const countingLooks = (counter: string): string => {
  const look = "redis.call('HMGET', key, unpack(fields))"
  const at = readScript.source.lastIndexOf(look)
  if (at < readScript.source.indexOf('local at, ended')) throw new Error('the script looks otherwise at its messages')
  const counted = `local function counted(found)
    for _, record in ipairs(found) do
      redis.call('INCRBY', '${counter}', record and #record or 0)
    end
    redis.call('EXPIRE', '${counter}', 60)
    return found
  end`
  return `${counted}\n${readScript.source.slice(0, at)}counted(${look})${readScript.source.slice(at + look.length)}`
}

describeWithRedis('a window that is read in slices', (redis) => {
  // What this process knows of a session that falls back is none of these tests' concern.
  const tested = useMemory(redis, { session: { maxMessages: 25 }, resilience: { onLoss: 'report' } })
  const roomy = useMemory(redis)
  let reader: SliceReader
  let session: StoringSession
  const versions = (): unknown[] => reader.slices.map(([, version]) => version)
  const beginnings = (): number => 1 + reader.slices.filter(({ length }) => length === LOST_ITS_STATE).length

  beforeEach(() => {
    reader = new SliceReader(tested)
    session = tested.newSession()
  })

  it('has none of the messages that are appended meanwhile', async () => {
    await session.append(texts(12))
    for (const wanted of [newest(), oldest(), oldest({ before: 100 })]) {
      const append = once(() => session.append(texts(1)))
      const answer = await reader.found(session, wanted, BYTES, append)
      expect(reader.slices.length).toBeGreaterThan(3)
      expect(versions().at(-1)).not.toBe(versions()[0])
      expect({ version: answer.version, beginnings: beginnings() }).toEqual({ version: versions()[0], beginnings: 1 })
      expect(seqs(answer).toSorted((a, b) => a - b)).toEqual(range(1, answer.kept))
    }
  })

  it('holds the bytes of all slices but the first, however large they are, and of the last beginning alone', async () => {
    await session.append([...texts(12), ...texts(2, 1_000), ...texts(11)])
    await reader.found(session, oldest(), BYTES)
    expect(reader.held).toBe(bytesOf(reader.slices.slice(1)))
    const trim = once(() => session.append(texts(5)))
    await reader.found(session, oldest(), BYTES, trim)
    expect(beginnings()).toBe(2)
    expect(reader.held).toBe(bytesOf(reader.slices.slice(3)))
  })

  it('goes on when what is trimmed meanwhile is not in it, or was read already', async () => {
    await session.append(texts(25))
    const trim = once(() => session.append(texts(5)))
    expect(seqs(await reader.found(session, newest({ most: 20 }), BYTES, trim))).toEqual(range(6, 25).toReversed())
    expect(versions().at(-1)).not.toBe(versions()[0])
    expect(seqs(await reader.found(session, oldest(), 1_500, trim))).toEqual(range(6, 30))
    expect(versions().at(-1)).not.toBe(versions()[0])
    expect(seqs(await reader.found(session, oldest({ after: 18 }), BYTES, trim))).toEqual(range(19, 35))
    expect(beginnings()).toBe(1)
  })

  it('begins anew when messages of it are trimmed meanwhile', async () => {
    await session.append(texts(25))
    const trim = once(() => session.append(texts(5)))
    const answer = await reader.found(session, newest({ most: 25 }), BYTES, trim)
    expect(seqs(answer)).toEqual(range(6, 30).toReversed())
    expect({ version: answer.version, beginnings: beginnings() }).toEqual({ version: versions().at(-1), beginnings: 2 })
    expect(seqs(await reader.found(session, oldest(), BYTES, trim))).toEqual(range(11, 35))
    expect(beginnings()).toBe(2)
  })

  it('begins anew when messages of it are summarised or cleared meanwhile', async () => {
    const { version: basedOn } = await session.append(texts(20))
    const summarise = once(() => session.summary.commit({ text: 'Much.', coversSeq: 9, replaces: null, basedOn }))
    const answer = await reader.found(session, { ...newest(), summary: true }, BYTES, summarise)
    expect(seqs(answer)).toEqual(range(10, 20).toReversed())
    expect(answer).toMatchObject({ kept: 11, summary: expect.stringContaining('Much.') })
    expect(beginnings()).toBe(2)
    const clear = once(() => session.clear())
    expect(await reader.found(session, newest(), BYTES, clear)).toMatchObject({ kept: 0, messages: [] })
    expect(reader.slices).toHaveLength(3)
    expect(beginnings()).toBe(2)
  })

  it('is of the session that stands when the former is deleted meanwhile, or of none', async () => {
    await session.append(texts(20))
    const again = once(async () => {
      await session.delete()
      await session.append(texts(20))
    })
    expect(seqs(await reader.found(session, oldest(), BYTES, again))).toEqual(range(21, 40))
    expect(beginnings()).toBe(2)
    const end = once(() => session.delete())
    expect(await reader.read(session, newest(), BYTES, end)).toMatchObject({ none: true })
    expect(reader.slices).toHaveLength(2)
  })

  it('is of the session that stands when the former is lost meanwhile, whatever has been written to it since', async () => {
    await session.append(texts(20))
    const lose = once(async () => {
      await tested.redis.unlink(tested.keyOf(session))
      for (let count = 0; count < 3; count++) await session.append(texts(6, 50))
    })
    const answer = await reader.found(session, oldest(), BYTES, lose)
    expect(seqs(answer)).toEqual(range(1, 18))
    expect(answer.messages.every(([, { length }]) => length < 100)).toBe(true)
    expect(beginnings()).toBe(2)
  })

  it('begins anew when the server falls back to an earlier state meanwhile', async () => {
    const key = tested.keyOf(session)
    await session.append(texts(15))
    const earlier = await tested.redis.dumpBuffer(key)
    const fallBack = () => tested.redis.restore(key, 60_000, earlier, 'REPLACE')
    await session.append(texts(5))
    expect(seqs(await reader.found(session, oldest(), BYTES, once(fallBack)))).toEqual(range(1, 15))
    expect(beginnings()).toBe(2)
    // As many writes later, by others than the former.
    await session.append(texts(5))
    const otherwise = once(async () => {
      await fallBack()
      await session.append(texts(3))
    })
    const answer = await reader.found(session, oldest(), BYTES, otherwise)
    expect(seqs(answer)).toEqual(range(1, 18))
    expect(answer.version.split('-')[0]).toBe(String(versions()[0]).split('-')[0])
    expect(beginnings()).toBe(2)
  })

  it('goes on when single records are repaired meanwhile', async () => {
    await session.append(texts(12))
    await tested.redis.hset(tested.keyOf(session), 'm:3', 'broken')
    const quarantine = await session.quarantine()
    const repair = once(() => quarantine.repair(quarantine.records[0]!, { role: 'user', content: 'mended' }))
    const answer = await reader.found(session, newest(), BYTES, repair)
    expect(seqs(answer)).toEqual(range(1, 12).toReversed())
    expect(answer.messages.find(([seq]) => seq === 3)?.[1]).toContain('mended')
    expect(versions().at(-1)).not.toBe(versions()[0])
    expect(beginnings()).toBe(1)
  })

  it('ends with the time of its call when it has to begin anew over and over', async () => {
    await session.append(texts(25))
    const trim = () => session.append(texts(1))
    const endless = reader.read(session, newest({ most: 25 }), BYTES, trim, new Deadline(300))
    await expect(endless).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no', sessionId: session.id })
    expect(beginnings()).toBeGreaterThan(3)
  })

  it.each<[string, number, number[]]>([
    ['alike', 1.1, Array<number>(24).fill(50_000)],
    ['large among small ones', 2, Array.from({ length: 24 }, (_, index) => (index % 5 === 4 ? 50_000 : 100))],
    ['large after many small ones', 2, [...Array<number>(300).fill(100), ...Array<number>(12).fill(50_000)]],
  ])('has the server look at little more than it is told: messages that are %s', async (_, most, sizes) => {
    const unlike = roomy.newSession()
    await unlike.append(sizes.map((size) => texts(1, size)[0]!))
    const counter = `${roomy.keyOf(unlike)}:looked-at`
    const counting = new SliceReader(roomy, countingLooks(counter))
    for (const wanted of [newest({ most: 1_000 }), oldest()]) {
      await roomy.redis.del(counter)
      expect(seqs(await counting.found(unlike, wanted, 60_000))).toHaveLength(sizes.length)
      const taken = sizes.reduce((sum, size) => sum + size, 0)
      expect(counting.slices.length).toBeGreaterThan(2)
      expect(Number(await roomy.redis.get(counter)) / taken).toBeLessThan(most)
    }
  })
})
