import { describe, expect, it } from '@jest/globals'
import { createTypes } from '../../../lib/serialization/types/create-types.js'
import { toJsonText, toJsonValue } from '../../../lib/context/prompt-formats/json-value.js'

describe('toJsonValue', () => {
  it('says as JSON does what JSON can say', () => {
    const value = { a: [1, 'b', null, true, { c: -1.5 }], d: undefined, e: new Date(0), f: Number.NaN }
    expect(toJsonText(value)).toBe(JSON.stringify(value))
  })

  it('has a word for what JSON refuses', () => {
    const cyclic: Record<string, unknown> = { big: 12n, call: () => 1, sign: Symbol('s'), bare: undefined }
    cyclic['self'] = cyclic
    expect(toJsonValue(cyclic)).toStrictEqual({ big: '12', call: null, sign: null, self: null })
    expect(toJsonText(undefined)).toBe('null')
  })

  it('has a word for values that are richer than JSON', () => {
    class Money {
      constructor(readonly cents: bigint) {}
    }
    const types = createTypes([
      { type: Money, serialize: ({ cents }: Money) => cents, deserialize: (cents: bigint) => new Money(cents) },
    ])
    const value = {
      map: new Map<unknown, unknown>([['a', new Set([1n])]]),
      bytes: new Uint8Array([1, 2]),
      price: new Money(5n),
      url: new URL('http://127.0.0.1/'),
      error: new TypeError('no'),
      at: new Date(Number.NaN),
    }
    expect(toJsonValue(value, types)).toStrictEqual({
      map: [['a', ['1']]],
      bytes: 'AQI=',
      price: '5',
      url: 'http://127.0.0.1/',
      error: { name: 'TypeError', message: 'no' },
      at: null,
    })
  })

  it('tells a value that stands in two places in both', () => {
    const shared = { a: 1 }
    expect(toJsonValue([shared, shared])).toStrictEqual([{ a: 1 }, { a: 1 }])
  })

  it('ends, however deep a value is', () => {
    let deep: unknown = 1
    for (let level = 0; level < 50_000; level++) deep = [deep]
    expect(toJsonText(deep).length).toBeLessThan(2000)
  })

  it('ends, however often a value stands in others', () => {
    let many: unknown = 1
    for (let level = 0; level < 60; level++) many = [many, many]
    expect(toJsonText(many).length).toBeLessThan(20_000_000)
  })

  it('keeps an own __proto__', () => {
    expect(toJsonText(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}')
  })
})
