import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { DecodeError, EncodeError } from '../../../lib/serialization/codec.errors.js'
import { JsonCodec } from '../../../lib/serialization/json-codec.js'

const codec = new JsonCodec()

class Money {
  amount = 1
}

describe('JsonCodec', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a number', -1.5e-7, '-1.5e-7'],
    ['the largest safe integer', 9007199254740991, '9007199254740991'],
    ['a text', 'a "b" ☕\n', '"a \\"b\\" ☕\\n"'],
    ['a text that looks like a date', '2026-01-01T00:00:00.000Z', '"2026-01-01T00:00:00.000Z"'],
    ['half a surrogate pair', '\ud800', '"\\ud800"'],
    ['the marker as text', '~', '"~"'],
    ['an array', [1, [], {}], '[1,[],{}]'],
    ['an object, in the order of its keys', { b: 1, a: { c: null } }, '{"b":1,"a":{"c":null}}'],
    ['a date', new Date(0), '~{"$date":"1970-01-01T00:00:00.000Z"}'],
    ['a date beyond year 9999', new Date(8.64e15), '~{"$date":"+275760-09-13T00:00:00.000Z"}'],
    ['a date in depth', { a: [{ at: new Date(1) }] }, '~{"a":[{"at":{"$date":"1970-01-01T00:00:00.001Z"}}]}'],
    ['a key like a tag', { $date: 'x' }, '~{"$$date":"x"}'],
    ['a key like an escaped tag', { $$date: { $: 1 } }, '~{"$$$date":{"$$":1}}'],
    ['keys like tags beside a date', { $a: new Date(0), b: 1 }, '~{"$$a":{"$date":"1970-01-01T00:00:00.000Z"},"b":1}'],
  ])('keeps %s', (_, value, text) => {
    expect(codec.encode(value)).toBe(text)
    expect(codec.decode(text)).toStrictEqual(value)
  })

  it('keeps an own __proto__ a key', () => {
    const value: unknown = JSON.parse('{"__proto__":{"x":1},"at":1}')
    const rich = { inner: value, when: new Date(0) }
    for (const one of [value, rich]) {
      const decoded = codec.decode(codec.encode(one))
      expect(decoded).toStrictEqual(one)
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    }
    expect(codec.canonical(rich)).toBe(codec.canonical({ when: new Date(0), inner: value }))
  })

  it('takes objects, arrays and dates of another realm for what they are', () => {
    const foreign: unknown = runInNewContext('({ a: [1, { at: new Date(5) }] })')
    expect(codec.decode(codec.encode(foreign))).toStrictEqual({ a: [1, { at: new Date(5) }] })
  })

  it('does not copy or change what it is given', () => {
    const inner = Object.freeze({ a: 1 })
    const value = Object.freeze({ inner, list: Object.freeze([1, new Date(0)]) })
    codec.encode(value)
    expect(value.list[1]).toBeInstanceOf(Date)
  })

  it.each<[string, unknown, (string | number)[], RegExp]>([
    ['undefined', undefined, [], /undefined/],
    ['undefined in an object', { a: { b: undefined } }, ['a', 'b'], /undefined/],
    ['a hole', Object.assign([1], { 2: 2 }), [1], /hole/],
    ['NaN', [Number.NaN], [0], /NaN/],
    ['Infinity', { a: -Infinity }, ['a'], /-Infinity/],
    ['-0', { a: -0 }, ['a'], /-0/],
    ['a bigint', 1n, [], /bigint/],
    ['a function', { a: [() => 1] }, ['a', 0], /function/],
    ['a symbol', { a: Symbol('x') }, ['a'], /symbol/],
    ['a symbol key', { a: { [Symbol('x')]: 1 } }, ['a'], /symbol key/],
    ['an invalid Date', { a: new Date(Number.NaN) }, ['a'], /invalid Date/],
    ['a Map', { a: new Map() }, ['a'], /instance of Map/],
    ['bytes', { a: Buffer.from('x') }, ['a'], /instance of Buffer/],
    ['an instance', { a: new Money() }, ['a'], /instance of Money/],
    ['an object without prototype', { a: Object.create(null) as object }, ['a'], /object without prototype/],
    ['a subclass of Array', { a: new (class List extends Array {})() }, ['a'], /instance of List/],
    ['a subclass of Date', { a: new (class Day extends Date {})(0) }, ['a'], /instance of Day/],
    ['a boxed number', { a: Object(1) as unknown }, ['a'], /instance of Number/],
  ])('refuses %s, and knows where it is', (_, value, steps, text) => {
    expect(() => codec.encode(value)).toThrow(EncodeError)
    expect(() => codec.encode(value)).toThrow(expect.objectContaining({ steps, message: expect.stringMatching(text) }))
    expect(() => codec.canonical(value)).toThrow(EncodeError)
  })

  it('refuses a cycle, and what is too deep to be read back', () => {
    const cyclic: unknown[] = []
    cyclic.push({ cyclic })
    expect(() => codec.encode(cyclic)).toThrow(/deeper than 200 levels, or cyclic/)
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)])
    expect(codec.decode(codec.encode(nest(200)))).toEqual(nest(200))
    expect(() => codec.encode(nest(201))).toThrow(EncodeError)
  })

  it.each([
    '',
    '{',
    '{"a":1',
    'undefined',
    '~',
    '~{',
    '"a" "b"',
    '~{"$date":"never"}',
    '~{"$date":5}',
    '~{"$map":[]}',
    '~{"$date":"1970-01-01T00:00:00.000Z","b":1}',
  ])('does not read %j', (text) => {
    expect(() => codec.decode(text)).toThrow(DecodeError)
  })

  it('does not overflow on a text that is nested too deep', () => {
    expect(() => codec.decode(`~${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toThrow(DecodeError)
  })

  it('tells the members of a plain object apart, by bytes', () => {
    expect(codec.encodeMembers({ a: 1, 'ü"': ['x'] })).toEqual({
      text: '{"a":1,"ü\\"":["x"]}',
      memberBytes: [
        [3, 5],
        [6, 12],
      ],
    })
    expect(codec.encodeMembers({})).toEqual({ text: '{}', memberBytes: [] })
    expect(codec.encodeMembers({ $a: new Date(0) })?.text).toBe('~{"$$a":{"$date":"1970-01-01T00:00:00.000Z"}}')
    for (const other of [1, 'a', null, [1], new Date(0)]) expect(codec.encodeMembers(other)).toBeUndefined()
  })

  it('has one text for equal values', () => {
    expect(codec.canonical({ b: [{ d: 1, c: 2 }], a: 'x' })).toBe(codec.canonical({ a: 'x', b: [{ c: 2, d: 1 }] }))
    expect(codec.canonical({ a: new Date(0) })).not.toBe(codec.canonical({ a: '1970-01-01T00:00:00.000Z' }))
    expect(codec.canonical([1, 2])).not.toBe(codec.canonical([2, 1]))
  })
})
