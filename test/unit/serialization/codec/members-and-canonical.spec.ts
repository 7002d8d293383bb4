import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { ValueCodec } from '../../../../lib/serialization/codec/value-codec.js'
import { EncodeError } from '../../../../lib/serialization/codec.errors.js'
import { Money, someTypes } from './some-types.js'

const codec = new ValueCodec(someTypes)

class Unregistered {
  amount = 1
}

describe('ValueCodec.encodeMembers', () => {
  it('tells the members of a plain object apart, by bytes', () => {
    expect(codec.encodeMembers({ a: 1, 'ü"': ['x'] })).toEqual({
      text: '{"a":1,"ü\\"":["x"]}',
      memberBytes: [
        [3, 5],
        [6, 12],
      ],
    })
    expect(codec.encodeMembers({})).toEqual({ text: '{}', memberBytes: [] })
  })

  it.each([
    [{ $a: new Date(0), b: 1 }],
    [{ a: { b: [{ c: 1n }] }, '': undefined, '2': 'x' }],
    [JSON.parse('{"__proto__":[1]}')],
  ])('gives the text that encode gives', (value) => {
    expect(codec.encodeMembers(value)?.text).toBe(codec.encode(value))
  })

  it('tells those of an object of another realm apart, too', () => {
    expect(codec.encodeMembers(runInNewContext('({ a: 1 })'))).toEqual({ text: '{"a":1}', memberBytes: [[3, 5]] })
  })

  it('counts the object itself as a level', () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)])
    expect(codec.encodeMembers({ a: nest(199) })?.text).toBe(codec.encode({ a: nest(199) }))
    expect(() => codec.encodeMembers({ a: nest(200) })).toThrow(EncodeError)
  })

  it('cuts no text that holds references', () => {
    const shared = { a: 1 }
    for (const value of [{ x: shared, y: shared }, { x: { in: [shared, shared] } }]) {
      expect(codec.encodeMembers(value)).toEqual({ text: codec.encode(value), memberBytes: undefined })
    }
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    expect(codec.encodeMembers(cyclic)).toEqual({ text: '~{"self":{"$ref":0}}', memberBytes: undefined })
  })

  it('knows no members of anything else', () => {
    for (const other of [
      1,
      'a',
      null,
      [1],
      new Date(0),
      new Map(),
      new Money(1n, 'EUR'),
      Object.create(null),
      new Unregistered(),
    ]) {
      expect(codec.encodeMembers(other)).toBeUndefined()
    }
  })

  it('refuses what encode refuses, and knows where it is', () => {
    expect(() => codec.encodeMembers({ a: [() => 1] })).toThrow(expect.objectContaining({ steps: ['a', 0] }))
    expect(() => codec.encodeMembers({ [Symbol('x')]: 1 })).toThrow(EncodeError)
    expect(() =>
      codec.encodeMembers(
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('x')
            },
          },
        ),
      ),
    ).toThrow(EncodeError)
  })
})

const errorWith = (more: object): Error => Object.assign(new Error('x'), { stack: 'y' }, more)

describe('ValueCodec.canonical', () => {
  it('has one text for equal values', () => {
    expect(codec.canonical({ b: [{ d: 1, c: 2 }], a: 'x' })).toBe(codec.canonical({ a: 'x', b: [{ c: 2, d: 1 }] }))
    expect(codec.canonical(new Map([['a', { y: 1, x: 2 }]]))).toBe(codec.canonical(new Map([['a', { x: 2, y: 1 }]])))
    expect(codec.canonical(errorWith({ b: 1, a: 2 }))).toBe(codec.canonical(errorWith({ a: 2, b: 1 })))
    expect(codec.canonical(JSON.parse('{"__proto__":1,"a":2}'))).toBe(
      codec.canonical(JSON.parse('{"a":2,"__proto__":1}')),
    )
  })

  it('numbers references in the order of the sorted keys', () => {
    const shared = { s: 1 }
    expect(codec.canonical({ b: shared, a: [], c: shared })).toBe('{"a":[],"b":{"s":1},"c":{"$ref":2}}')
    expect(codec.canonical({ c: shared, b: shared, a: [] })).toBe('{"a":[],"b":{"s":1},"c":{"$ref":2}}')
  })

  it('has different texts for different values', () => {
    const values = [
      [1, 2],
      [2, 1],
      new Date(0),
      '1970-01-01T00:00:00.000Z',
      { $date: null },
      new Date(Number.NaN),
      undefined,
      null,
      -0,
      0,
      1n,
      1,
      '1',
      new Map([
        [1, 2],
        [3, 4],
      ]),
      new Map([
        [3, 4],
        [1, 2],
      ]),
      new Set([1]),
      [],
      {},
      Object.create(null),
    ]
    expect(new Set(values.map((value) => codec.canonical(value))).size).toBe(values.length)
  })
})
