import { beforeAll, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import type { FoundRecords, WindowRequest } from '../../lib/session/window-request.interface.js'
import { SliceReader, WHOLE } from '../support/slice-reader.js'
import type { StoringSession } from '../support/storing-memory.js'
import { useMemory } from '../support/use-memory.js'

/** Most windows of these tests are to have several slices. */
const seldom = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values })

/** Windows of every kind, around what a session of these tests holds; also such as the service never asks for. */
const request: fc.Arbitrary<WindowRequest> = fc.record({
  summary: fc.boolean(),
  state: fc.constantFrom<WindowRequest['state']>(undefined, 'all', ['a'], ['b', 'nowhere']),
  messages: fc.record({
    from: fc.constantFrom('newest' as const, 'oldest' as const),
    most: seldom(fc.integer({ min: 1, max: 25 })),
    turns: seldom(fc.integer({ min: 1, max: 12 })),
    tokens: seldom(fc.integer({ min: 1, max: 1_000 })),
    after: seldom(fc.nat(40)),
    before: seldom(fc.nat(40)),
  }),
})

const message = fc.record({
  role: fc.constantFrom('user' as const, 'assistant' as const, 'system' as const),
  content: fc.oneof(fc.string({ maxLength: 20 }), fc.string({ minLength: 50, maxLength: 200 })),
})
const batch = fc.array(message, { minLength: 3, maxLength: 6 })
const sliceBytes = fc.integer({ min: 1, max: 500 })

type Write =
  | { readonly kind: 'append'; readonly messages: readonly { readonly role: 'user'; readonly content: string }[] }
  | { readonly kind: 'set' | 'clear' | 'delete' }
  | { readonly kind: 'commit'; readonly back: number }

const write = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), messages: batch }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const), back: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('set' as const, 'clear' as const, 'delete' as const) }) },
) as fc.Arbitrary<Write>

const without = ({ now: _now, life: _life, ...rest }: FoundRecords): object => rest

const commit = async (session: StoringSession, back: number): Promise<void> => {
  const { messages, version: basedOn } = await session.messages()
  const seq = messages.at(-1 - back)?.seq
  if (seq === undefined) return
  const replaces = (await session.summary.get())?.version ?? null
  await session.summary.commit({ text: 'What was said.', coversSeq: seq, replaces, basedOn })
}

const make = async (session: StoringSession, made: Write): Promise<void> => {
  if (made.kind === 'append') await session.append([...made.messages])
  else if (made.kind === 'commit') await commit(session, made.back)
  else if (made.kind === 'set') await session.state.set({ a: Math.random() })
  else await session[made.kind]()
}

describeWithRedis('a window that is read in slices', (redis) => {
  // Messages are trimmed often, and what this process knows of a session that is set back is none of these tests' concern.
  const tested = useMemory(redis, { session: { maxMessages: 25 }, resilience: { onLoss: 'report' } })
  let reader: SliceReader

  beforeAll(() => {
    reader = new SliceReader(tested)
  })

  it('is what one answer would be, whatever is asked for', async () => {
    let [sliced, all] = [0, 0]
    const run = fc.asyncProperty(
      fc.array(batch, { minLength: 3, maxLength: 8 }),
      fc.array(fc.tuple(request, sliceBytes), { minLength: 20, maxLength: 20 }),
      fc.array(fc.nat(30), { maxLength: 4 }),
      async (batches, requests, holes) => {
        const session = tested.newSession()
        await session.state.set({ a: 1, b: 'two' })
        for (const each of batches) await session.append(each)
        await commit(session, 15)
        if (holes.length > 0) await tested.redis.hdel(tested.keyOf(session), ...holes.map((seq) => `m:${seq}`))
        for (const [wanted, bytes] of requests) {
          const whole = await reader.found(session, wanted, WHOLE)
          expect(reader.slices).toHaveLength(1)
          expect(without(await reader.found(session, wanted, bytes))).toEqual(without(whole))
          all++
          if (reader.slices.length > 1) sliced++
          for (const slice of reader.slices) {
            const records = (slice[8] as (string | null)[]).flatMap((record) => record ?? [])
            const sizes = records.map((record) => Buffer.byteLength(record))
            expect(slice[9]).toBe(sizes.reduce((sum, size) => sum + size, 0))
            expect(Number(slice[9]) - (sizes.at(-1) ?? 0)).toBeLessThan(bytes)
          }
        }
      },
    )
    await fc.assert(run, { numRuns: 25 })
    expect(sliced / all).toBeGreaterThan(0.3)
  }, 60_000)

  it('is one state of the session, whatever is written between its slices', async () => {
    let [kept, anew, gone] = [0, 0, 0]
    const run = fc.asyncProperty(
      fc.array(batch, { minLength: 3, maxLength: 8 }),
      request,
      sliceBytes,
      fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), write), { minLength: 1, maxLength: 4 }),
      async (batches, wanted, bytes, writes) => {
        const session = tested.newSession()
        for (const each of batches) await session.append(each)
        const states = new Map<string, object>()
        const look = async (): Promise<void> => {
          const whole = await new SliceReader(tested).read(session, wanted, WHOLE)
          if ('version' in whole) states.set(whole.version, without(whole))
        }
        await look()
        let done = 0
        const answer = await reader.read(session, wanted, bytes, async (before) => {
          for (const [at, made] of writes) {
            if (at !== before) continue
            await make(session, made)
            await look()
            done++
          }
        })
        if (done === 0) return
        const isGone = 'none' in answer
        expect(isGone ? await session.info() : without(answer)).toEqual(
          isGone ? { exists: false, version: '0', stale: false } : states.get(answer.version),
        )
        if (isGone) gone++
        else if (answer.version === reader.slices[0]![1]) kept++
        else anew++
      },
    )
    await fc.assert(run, { numRuns: 150 })
    expect(Math.min(kept, anew)).toBeGreaterThan(10)
    expect(gone).toBeGreaterThan(0)
  }, 60_000)
})
