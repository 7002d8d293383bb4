import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { Decimal } from 'decimal.js'
import { MemorySerializationError } from '../../../lib/errors/memory-serialization.error.js'
import { Money, plain, plainWithoutTransformer } from './plain.js'

const date = new Date('2026-03-01T10:20:30.400Z')
const secretError = Object.assign(new TypeError('no'), { toJSON: () => ({ request: 'secret' }) })

class Point {
  constructor(
    readonly x: number,
    readonly at: Date,
  ) {}

  get sum(): number {
    return this.x
  }
}

const deep = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

describe('plain JSON', () => {
  it.each<[string, unknown, unknown]>([
    ['a Date', date, '2026-03-01T10:20:30.400Z'],
    ['an invalid Date', new Date(Number.NaN), null],
    ['a bigint', 12_345_678_901_234_567_890n, '12345678901234567890'],
    ['NaN', Number.NaN, null],
    ['Infinity', -Infinity, null],
    ['-0', -0, 0],
    ['a Buffer', Buffer.from('hé'), 'aMOp'],
    ['a typed array', new Uint8Array([1, 2, 255]).subarray(1), 'Av8='],
    ['a Float32Array, by its bytes', new Float32Array([1]), 'AACAPw=='],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer, 'AQI='],
    ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1), 'Ag=='],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', date],
        [{ k: 1n }, null],
      ]),
      [
        ['a', date.toISOString()],
        [{ k: '1' }, null],
      ],
    ],
    ['a Set', new Set([1n, undefined]), ['1', null]],
    ['a RegExp', /a+/giu, '/a+/giu'],
    ['a URL', new URL('https://example.com/a?b=1'), 'https://example.com/a?b=1'],
    ['an Error, without its stack and its toJSON', secretError, { name: 'TypeError', message: 'no' }],
    ['a boxed number', Object(5), 5],
    ['a Decimal', new Decimal('12.50'), '12.5'],
    [
      'a registered class, by its toJson, and what that gives',
      new Money(new Decimal('0.1'), 'EUR'),
      { amount: '0.1', currency: 'EUR' },
    ],
    ['a class that is not registered, by its own members', new Point(1, date), { x: 1, at: date.toISOString() }],
    ['an object with toJSON', { toJSON: () => ({ at: date }) }, { at: date.toISOString() }],
    [
      'an instance with toJSON',
      new (class {
        secret = 1
        toJSON(): object {
          return { open: 2n }
        }
      })(),
      { open: '2' },
    ],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 1n }), { a: '1' }],
    [
      'an object of another realm',
      runInNewContext('({ at: new Date(0), list: [new Map([[1, 2]])] })'),
      { at: '1970-01-01T00:00:00.000Z', list: [[[1, 2]]] },
    ],
    ['holes', Object.assign([1], { 2: 2 }), [1, null, 2]],
  ])('%s', (_name, value, expected) => {
    expect(plain({ value })).toStrictEqual({ value: expected })
    expect(plainWithoutTransformer([[value]])).toStrictEqual([[expected]])
  })

  it('leaves out what JSON leaves out', () => {
    const value = { a: undefined, b: () => 1, c: Symbol('c'), [Symbol('d')]: 1, e: 1 }
    expect(plain(value)).toStrictEqual({ e: 1 })
    expect(plain([undefined, () => 1, Symbol('c')])).toStrictEqual([null, null, null])
    expect(plain(undefined)).toBeUndefined()
  })

  it('hands plain values on as the very same object, and changes nothing that it is given', () => {
    const same = { a: [1, 'b', null, true, { c: -1.5 }], d: {}, e: [], 'f g': '2026-03-01T10:20:30.400Z' }
    expect(plain(same)).toBe(same)
    const mixed = Object.freeze({ same, list: Object.freeze([1n, same]) })
    const made = plain(mixed) as { same: unknown; list: unknown[] }
    expect(made).toStrictEqual({ same, list: ['1', same] })
    expect(made.same).toBe(same)
    expect(made.list[1]).toBe(same)
  })

  it('tells a value that stands in two places in both', () => {
    const shared = { at: date }
    expect(plain([shared, { shared }])).toStrictEqual([
      { at: date.toISOString() },
      { shared: { at: date.toISOString() } },
    ])
  })

  it('keeps an own __proto__ a member, and no prototype', () => {
    const made = plain({ at: 1n, ...(JSON.parse('{"a":{"__proto__":{"b":1}}}') as object) })
    expect(JSON.stringify(made)).toBe('{"at":"1","a":{"__proto__":{"b":1}}}')
    const dated = JSON.parse('{"__proto__":{"b":1}}') as Record<string, unknown>
    dated['at'] = date
    expect(JSON.stringify(plain(dated))).toBe(`{"__proto__":{"b":1},"at":"${date.toISOString()}"}`)
    expect(Object.prototype).not.toHaveProperty('b')
  })

  it('refuses a cycle, with the path', () => {
    const cyclic: Record<string, unknown> = { list: [new Map()] }
    ;(cyclic['list'] as Map<string, unknown>[])[0]?.set('self', { back: cyclic })
    expect(() => plain(cyclic)).toThrow(MemorySerializationError)
    expect(() => plain(cyclic)).toThrow(
      'response.list[0][0][1].back: a plain object that holds itself given; allowed: a value without cycles',
    )
  })

  it('tells a toJSON the key it stands under, as JSON.stringify does', () => {
    const named = { toJSON: (key: string) => key }
    expect(plain({ a: named, b: [0, named] })).toStrictEqual({ a: 'a', b: [0, '1'] })
    expect(plain(named)).toBe('')
  })

  it('takes a toJSON that gives the instance itself', () => {
    const value = new (class {
      a = 1n
      toJSON(): this {
        return this
      }
    })()
    expect(plain(value)).toStrictEqual({ a: '1' })
  })

  it('ends, however deep a value is', () => {
    const allowed = deep(200)
    expect(plain(allowed)).toBe(allowed)
    expect(() => plain(deep(201))).toThrow('at most 200 levels')
    expect(() => plain(deep(100_000))).toThrow('at most 200 levels')
  })

  it('refuses what stands for more than there is memory', () => {
    let many: unknown = new Date(0)
    for (let level = 0; level < 60; level++) many = [many, many]
    expect(() => plain(many)).toThrow(/too many values/)
  })
})
