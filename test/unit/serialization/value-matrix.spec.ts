import { describe, expect, it } from '@jest/globals'
import { isExact } from '../../../bench/value-matrix/is-exact.mjs'
import { judge } from '../../../bench/value-matrix/judge.mjs'
import { TYPES } from '../../../bench/value-matrix/types.mjs'
import { VALUES } from '../../../bench/value-matrix/values.mjs'
import { EncodeError } from '../../../lib/serialization/codec.errors.js'
import { ValueCodec } from '../../../lib/serialization/codec/value-codec.js'
import { createTypes } from '../../../lib/serialization/types/create-types.js'

const codec = new ValueCodec(createTypes(TYPES))
const own = { write: (value: unknown) => codec.encode(value), read: (text: string) => codec.decode(text) }

/** Every other kind comes back exactly. */
const REFUSED = new Set([
  'a property that is not enumerable',
  'an array with a named property',
  'an array of length 2,000,000 with one item',
  'a subclass of Array',
  '10,000 levels of nesting',
  'a Date with a named property',
  'a Map with a named property',
  'a subclass of Map',
  'URLSearchParams',
  'an Error of another subclass',
  'two views of the same bytes',
  'a typed array with a named property',
  'an ArrayBuffer that can grow',
  'an Error with a symbol key',
  'an object that looks like a Date',
  'an object that looks like an Error',
  'arguments',
  'a generator',
  'a registered instance with a symbol key',
  'a registered instance with a hidden property',
  'an instance of a subclass of a registered class',
  'a Decimal of another configuration',
  'a SharedArrayBuffer',
  'boxed primitives',
  'a registered instance that holds itself',
  'an instance of an unregistered class',
  'a function',
  'a function in an object',
  'a class',
  'a symbol',
  'a symbol in an array',
  'a symbol as a key',
  'a getter that throws',
  'a Proxy that throws',
  'a revoked Proxy',
  'a WeakMap',
  'a Promise',
  'a bigint of 20,000 digits',
])

describe('every kind of value', () => {
  it('is in the matrix once', () => {
    const kinds = VALUES.map(({ kind }) => kind)
    expect(kinds.length).toBeGreaterThanOrEqual(56)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect([...REFUSED].filter((kind) => !kinds.includes(kind))).toEqual([])
  })

  it.each(VALUES)('$kind comes back exactly or is refused', ({ kind, make }) => {
    expect(judge(own, make())).toBe(REFUSED.has(kind) ? 'refused' : 'exact')
  })

  it.each(VALUES.filter(({ kind }) => REFUSED.has(kind)))('$kind is refused with its path', ({ make }) => {
    expect(() => codec.encode({ at: [make()] })).toThrow(EncodeError)
    expect(() => codec.encode({ at: [make()] })).toThrow(
      expect.objectContaining({ steps: expect.arrayContaining(['at', 0]) }),
    )
  })
})

const copyOfAll = () => structuredClone(new Map<unknown, unknown>([[new Date(1), [[-0], new Set([/a/g, Number.NaN])]]]))

describe('the comparison of the matrix', () => {
  const date = new Date(1)
  const one = { a: 1 }
  const hidden = Object.defineProperty({}, 'a', { value: 1 })

  it.each<[string, unknown, unknown]>([
    ['-0 for 0', 0, -0],
    ['a hole for undefined', [undefined], Object.assign([], { length: 1 })],
    ['another prototype', { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    ['another order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['a hidden property', { a: 1 }, hidden],
    [
      'another order of entries',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ['another time', new Date(1), new Date(2)],
    ['another source', /a/, /b/],
    ['another cause', new Error('a', { cause: 1 }), new Error('a', { cause: 2 })],
    ['an object that looks like an error', Object.create(Error.prototype), new Error('a')],
    ['bytes', Uint8Array.of(1), Uint8Array.of(2)],
    ['a Buffer for a Uint8Array', Buffer.of(1), Uint8Array.of(1)],
    ['a copy for a shared reference', [new Date(1), new Date(1)], [date, date]],
    ['a shared reference for a copy', [one, one], [{ a: 1 }, { a: 1 }]],
    ['a symbol key', {}, { [Symbol('s')]: 1 }],
  ])('tells %s', (_name, back, original) => {
    expect(isExact(back, original)).toBe(false)
    expect(isExact(original, back)).toBe(false)
  })

  it('takes a copy that differs in nothing', () => {
    expect(isExact(copyOfAll(), copyOfAll())).toBe(true)
  })
})
