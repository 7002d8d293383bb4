import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import type { MessageInput } from 'nestjs-agent-memory'
import type { Call, Window } from './session-call.js'
import type { SessionModel } from './session-model.js'

type Expected = 'any' | 'current' | 'stale' | 'none'

/** A step of a run. What depends on what happened before is chosen when its turn comes. */
export type Command =
  | {
      readonly do: 'append'
      readonly user?: string
      readonly messages: readonly MessageInput[]
      readonly expected: Expected
      readonly reuse?: number
    }
  | {
      readonly do: 'set' | 'patch'
      readonly user?: string
      readonly values: Record<string, unknown>
      readonly expected: Expected
      readonly ttl: boolean
      readonly reuse?: number
    }
  | {
      readonly do: 'unset'
      readonly user?: string
      readonly fields: string[]
      readonly expected: Expected
      readonly reuse?: number
    }
  | {
      readonly do: 'commit'
      readonly user?: string
      readonly text: string
      readonly covers: number
      readonly replaces: Expected
      readonly age: number
      readonly reuse?: number
    }
  | { readonly do: 'clear' | 'delete'; readonly user?: string; readonly expected: Expected; readonly reuse?: number }
  | { readonly do: 'messages'; readonly user?: string; readonly window: Window }
  | { readonly do: 'context'; readonly user?: string; readonly window: Pick<Window, 'last' | 'turns'> }
  | { readonly do: 'state' | 'summary' | 'info'; readonly user?: string }
  /** An earlier write once more, with everything it said. */
  | { readonly do: 'retry'; readonly back: number }
  /** So many writes that the operations before them are just remembered, or just forgotten. */
  | { readonly do: 'many'; readonly count: number }
  /** What time does, and a copy that comes late. */
  | { readonly do: 'vanish' | 'forget copy' | 'expire fields' }
  | { readonly do: 'late copy'; readonly back: number }

const user = fc.constantFrom(undefined, undefined, undefined, ...Array.from({ length: 12 }, () => 'ada'), 'bob')
const expected = fc.constantFrom<Expected>('any', 'any', 'any', 'any', 'current', 'stale', 'none')
const reuse = fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(6) })
const texts = ['', 'hello', 'ü☕😀', '"quoted\\"\n', 'x'.repeat(120), '\ud800', '~', '$']
const values: readonly unknown[] = [
  null,
  0,
  'text',
  '2026-01-01T00:00:00.000Z',
  new Date(0),
  [],
  [1, { $date: 'none' }, new Date(5)],
  {},
  { a: 1 },
  { a: { $a: 1 }, b: 'ü'.repeat(30) },
  { b: new Date(1e12), 1: '☕' },
  JSON.parse('{"__proto__":{"x":1},"$date":"mine","\\"":",","\\ud800":[],"":null}'),
  'y'.repeat(200),
  new Map<unknown, unknown>([
    ['a', { b: undefined }],
    [new Date(9), -0],
  ]),
  { a: 12n, tags: new Set(['ü', 1]), $: undefined },
]
/** As many hex digits, which are the same in every run: they can be compressed to half. */
const noise = (length: number): string => {
  let digits = ''
  for (let index = 0; digits.length < length; index++) digits += createHash('sha256').update(`${index}`).digest('hex')
  return digits.slice(0, length)
}
/** So large that they are compressed, where that is on, and that two of them fill a session; but not merged ones. */
const LARGE: readonly unknown[] = [
  'y'.repeat(5_000),
  noise(2_500),
  { a: '☕'.repeat(1_500), b: new Date(8) },
  { a: noise(4_200) },
]
const fields = ['a', 'b', 'o', '__proto__', 'a b', '%"1', 'ü']
const field = fc.constantFrom(...fields)

const message: fc.Arbitrary<MessageInput> = fc.record(
  {
    role: fc.constantFrom('user', 'user', 'assistant', 'tool', 'system'),
    content: fc.constantFrom<MessageInput['content'][]>(
      ...texts,
      [],
      [{ type: 'text', text: 'a part' }],
      [{ type: 'tool-call', toolCallId: '1', toolName: 'book', input: { at: new Date(7) } }],
      [{ type: 'tool-result', toolCallId: '1', toolName: 'book', output: { type: 'text', value: 'done' } }],
    ),
    metadata: fc.constantFrom<Record<string, unknown>[]>({}, { at: new Date(3), $tag: 1 }),
    id: fc.constantFrom('mine', 'ü'),
    createdAt: fc.constant(new Date(1_600_000_000_000)),
  },
  { requiredKeys: ['role', 'content'] },
)
const number = fc.integer({ min: 1, max: 9 })
const window: fc.Arbitrary<Window> = fc.oneof(
  fc.constant({}),
  fc.record({ last: number }),
  fc.record({ turns: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ maxTokens: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ after: fc.integer({ min: 1, max: 40 }), before: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ after: fc.integer({ min: 1, max: 40 }), limit: number }),
  fc.record({ before: fc.integer({ min: 1, max: 60 }), limit: number }),
)
const write = { user, reuse }

const commandOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Command> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        ...write,
        expected,
        messages: fc.array(message, { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        ...write,
        expected,
        messages: fc.array(message, { minLength: 5, maxLength: 9 }),
      }),
    },
    {
      weight: 16,
      arbitrary: fc.record({
        do: fc.constantFrom('set' as const, 'patch' as const, 'patch' as const),
        ...write,
        expected,
        ttl: fc.boolean(),
        values: fc
          .uniqueArray(fc.tuple(field, value), { minLength: 1, maxLength: 3, selector: ([name]) => name })
          .map((entries): Record<string, unknown> => Object.fromEntries(entries)),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('unset' as const),
        ...write,
        expected,
        fields: fc.array(field, { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('commit' as const),
        ...write,
        text: fc.constantFrom('short', 'ü☕'.repeat(20), 'z'.repeat(150)),
        covers: fc.integer({ min: -1, max: 6 }),
        replaces: fc.constantFrom<Expected>('current', 'current', 'current', 'current', 'stale', 'none'),
        age: fc.integer({ min: -1, max: 6 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'delete' as const), ...write, expected }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('messages' as const), user, window }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('context' as const),
        user,
        window: fc.oneof(
          fc.constant({}),
          fc.record({ last: number }),
          fc.record({ turns: fc.integer({ min: 1, max: 3 }) }),
        ),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom('state' as const, 'summary' as const, 'info' as const), user }),
    },
    { weight: 12, arbitrary: fc.record({ do: fc.constant('retry' as const), back: fc.nat(8) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'vanish' as const,
          'forget copy' as const,
          'expire fields' as const,
          'expire fields' as const,
          'expire fields' as const,
          'expire fields' as const,
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('many' as const), count: fc.constantFrom(131, 160) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('late copy' as const), back: fc.nat(4) }) },
  )

export const command = commandOf(fc.constantFrom(...values))
export const commandWithLargeValues = commandOf(fc.constantFrom(...values, ...LARGE))

const STALE = '1-000000000000'

/** The call that a command stands for now. */
export const callOf = (wanted: Command, model: SessionModel, operationId: string): Call | undefined => {
  switch (wanted.do) {
    case 'append':
      return {
        kind: 'append',
        user: wanted.user,
        operationId,
        messages: wanted.messages,
        ...versionOf(wanted.expected, model),
      }
    case 'set':
    case 'patch': {
      const ttl = wanted.ttl ? '1h' : undefined
      return {
        kind: wanted.do,
        user: wanted.user,
        operationId,
        values: wanted.values,
        ttl,
        expectedVersions: fieldVersions(wanted.expected, Object.keys(wanted.values), model),
      }
    }
    case 'unset':
      return {
        kind: 'unset',
        user: wanted.user,
        operationId,
        fields: wanted.fields,
        expectedVersions: model.live ? fieldVersions(wanted.expected, wanted.fields, model) : {},
      }
    case 'commit': {
      const standing = model.summary?.version ?? null
      const replaces = wanted.replaces === 'current' ? standing : wanted.replaces === 'stale' ? STALE : null
      const coversSeq = Math.max(1, model.first - 1 + wanted.covers)
      const past = model.known.at(-1 - wanted.age) ?? model.known[0]
      const basedOn = wanted.age < 0 || past === undefined ? `${model.v + 1}-0123456789ab` : past
      return { kind: 'commit', user: wanted.user, operationId, text: wanted.text, coversSeq, replaces, basedOn }
    }
    case 'clear':
    case 'delete':
      return { kind: wanted.do, user: wanted.user, operationId, ...versionOf(wanted.expected, model) }
    default:
      return undefined
  }
}

const versionOf = (wanted: Expected, model: SessionModel): { readonly expectedVersion?: string } => {
  if (wanted === 'any') return {}
  return {
    expectedVersion: wanted === 'current' ? model.version : wanted === 'stale' ? (model.known.at(-2) ?? STALE) : '0',
  }
}

const fieldVersions = (wanted: Expected, names: readonly string[], model: SessionModel): Record<string, string> => {
  const [name] = names
  if (wanted === 'any' || name === undefined) return {}
  const version = wanted === 'current' ? model.versionOf(name) : wanted === 'stale' ? STALE : '0'
  return Object.fromEntries([[name, version]])
}
