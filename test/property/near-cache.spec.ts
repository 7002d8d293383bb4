import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { readScript } from '../../lib/redis/scripts/scripts.generated.js'
import { NearCache } from '../../lib/session/near-cache/near-cache.js'
import type { FoundRecords, WindowRequest } from '../../lib/session/window-request.interface.js'
import { useMemory, type MemoryUnderTest } from '../support/use-memory.js'

const ALL: WindowRequest = { summary: true, state: 'all', messages: { from: 'newest' } }
const FIELDS = ['a', 'b', 'c']

const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined })

/** Windows of every kind, around what a session of these tests holds; also such as the service never asks for. */
const request: fc.Arbitrary<WindowRequest> = fc.record({
  summary: fc.boolean(),
  state: fc.constantFrom<WindowRequest['state']>(undefined, 'all', ['a'], ['b', 'c'], ['nowhere']),
  messages: optional(
    fc.record({
      from: fc.constantFrom('newest' as const, 'oldest' as const),
      most: optional(fc.nat(12)),
      turns: optional(fc.nat(5)),
      tokens: optional(fc.nat(120)),
      after: optional(fc.nat(30)),
      before: optional(fc.nat(30)),
    }),
  ),
})

const messages = fc.array(
  fc.record({
    role: fc.constantFrom('user' as const, 'assistant' as const, 'system' as const),
    content: fc.string({ maxLength: 60 }),
  }),
  { minLength: 1, maxLength: 4 },
)

type Step =
  | {
      readonly kind: 'append'
      readonly messages: readonly { readonly role: 'user' | 'assistant' | 'system'; readonly content: string }[]
    }
  | { readonly kind: 'set'; readonly field: string }
  | { readonly kind: 'delete'; readonly field: string }
  | { readonly kind: 'commit'; readonly back: number }
  | { readonly kind: 'foreign'; readonly inState: boolean }
  | { readonly kind: 'read'; readonly request: WindowRequest }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), messages }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom<'set' | 'delete'>('set', 'delete'),
      field: fc.constantFrom(...FIELDS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('commit' as const), back: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('foreign' as const), inState: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), request }) },
)

/** What Redis answered to a write. */
const acknowledged = <T extends object>(result: T): Extract<T, { readonly version: string }> => {
  if (!('version' in result)) throw new Error('not written to Redis')
  return result as Extract<T, { readonly version: string }>
}

type Reply = readonly [
  status: string,
  version: string,
  life: string,
  kept: number,
  now: string,
  summary: string | null,
  state: readonly string[],
  first: number,
  records: readonly (string | null)[],
]

/** Reads with the real script, past all that a session has before it. */
const readFrom = async (
  tested: MemoryUnderTest,
  key: string,
  { summary, state, messages: window }: WindowRequest,
): Promise<FoundRecords | undefined> => {
  const limits = [window?.most, window?.turns, window?.tokens, window?.after, window?.before].map((limit) => limit ?? 0)
  const which = state === undefined ? '' : state === 'all' ? 'all' : 'some'
  const names = typeof state === 'object' ? state : []
  const args = [summary === true ? 'y' : '', which, window?.from ?? '', ...limits, 1_048_576, '', ...names]
  const reply = (await tested.redis.eval(readScript.source, 1, key, 0, '', ...args)) as Reply
  if (reply[0] !== 'FOUND') return undefined
  const [, version, life, kept, now, summaryRecord, fields, first, records] = reply
  const rise = window?.from === 'oldest' ? 1 : -1
  const found = records.flatMap((record, place) => (record === null ? [] : [[first + rise * place, record] as const]))
  return {
    version,
    life,
    kept,
    now: Number(now),
    summary: summaryRecord,
    state: fields,
    messages: found,
  }
}

/** What has to be equal: the order of fields is nobody's concern, nor how many messages there are where none are asked for. */
const essence = (
  { version, kept, summary, state, messages: records }: FoundRecords,
  wanted: WindowRequest,
): object => ({
  version,
  kept: wanted.messages === undefined ? undefined : kept,
  summary,
  state: Object.fromEntries(state.flatMap((name, place) => (place % 2 === 0 ? [[name, state[place + 1]]] : []))),
  messages: records,
})

describeWithRedis('NearCache', (redis) => {
  const tested = useMemory(redis, { session: { maxMessages: 15 } })

  it('answers every window as the script does, after it saw all', async () => {
    const run = fc.asyncProperty(
      fc.array(messages, { maxLength: 8 }),
      fc.array(request, { minLength: 20, maxLength: 20 }),
      fc.array(fc.nat(24), { maxLength: 3 }),
      async (appends, requests, holes) => {
        const session = tested.newSession()
        const key = tested.keyOf(session)
        await session.state.set({ a: 1, b: 'two' })
        for (const batch of appends) await session.append(batch)
        if (holes.length > 0) await tested.redis.hdel(key, ...holes.map((seq) => `m:${seq}`))
        const cache = new NearCache({ maxBytes: 1_000_000, clock: () => 0 })
        cache.sawRead(key, undefined, ALL, (await readFrom(tested, key, ALL))!)
        for (const wanted of requests) {
          const real = await readFrom(tested, key, wanted)
          const cached = cache.answer(key, undefined, wanted)
          expect(essence(cached!.found, wanted)).toEqual(essence(real!, wanted))
          expect(cached!.ageMs).toBe(0)
        }
      },
    )
    await fc.assert(run, { numRuns: 25 })
  })

  it('never answers otherwise than the script does, whatever part it saw, and knows when others wrote', async () => {
    let [current, answered, asked] = [0, 0, 0]
    const run = fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.constantFrom(1_500, 100_000),
      async (steps, maxSessionBytes) => {
        const session = tested.newSession()
        const key = tested.keyOf(session)
        const cache = new NearCache({ maxBytes: 1_000_000, maxSessionBytes, clock: () => 0 })
        let isTouched = false
        const recordOf = async (field: string): Promise<string> => (await tested.redis.hget(key, field))!
        for (const taken of steps) {
          if (taken.kind === 'append') {
            const { messages: stored, version, trimmed } = acknowledged(await session.append([...taken.messages]))
            const records = await Promise.all(stored.map(({ seq }) => recordOf(`m:${seq}`)))
            cache.sawAppend(key, undefined, { version, first: stored[0]!.seq, records, trimmed })
          } else if (taken.kind === 'set') {
            const { version } = acknowledged(await session.state.set({ [taken.field]: 'value' }))
            const written = [[taken.field, await recordOf(`s:${taken.field}`)]] as const
            cache.sawState(key, { version, written, removed: [] })
          } else if (taken.kind === 'delete') {
            const { version } = acknowledged(await session.state.delete([taken.field]))
            if (version !== '0') cache.sawState(key, { version, written: [], removed: [taken.field] })
          } else if (taken.kind === 'commit') {
            await commit(taken.back)
          } else if (taken.kind === 'foreign') {
            isTouched = true
            if (taken.inState) await session.state.set({ a: 'of another process' })
            else await session.append({ role: 'user', content: 'of another process' })
          } else {
            await look(taken.request)
            await compare(taken.request)
          }
          await compare(ALL)
          await compare({ messages: { from: 'newest', most: 3 } })
          await compare({ messages: { from: 'newest', turns: 2 }, state: ['a'] })
        }

        async function commit(back: number): Promise<void> {
          const { messages: stored, version: basedOn } = await session.messages()
          const seq = stored.at(-1 - back)?.seq
          if (seq === undefined) return
          const replaces = (await session.summary.get())?.version ?? '0'
          const summary = { text: 'What was said.', coversSeq: seq, replaces, basedOn }
          await session.summary.commit(summary)
          cache.forget(key)
        }
        async function look(wanted: WindowRequest): Promise<void> {
          const found = await readFrom(tested, key, wanted)
          if (found !== undefined) cache.sawRead(key, undefined, wanted, found)
        }
        async function compare(wanted: WindowRequest): Promise<void> {
          const real = await readFrom(tested, key, wanted)
          const cached = cache.answer(key, undefined, wanted)
          asked++
          if (cached === undefined) return
          answered++
          // What is not of the current version is said to be of an older one.
          if (isTouched && cached.found.version !== real!.version) return
          current++
          expect(essence(cached.found, wanted)).toEqual(essence(real!, wanted))
        }
      },
    )
    await fc.assert(run, { numRuns: 40 })
    expect(answered / asked).toBeGreaterThan(0.5)
    expect(current / answered).toBeGreaterThan(0.5)
  })
})
