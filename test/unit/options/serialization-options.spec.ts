import { describe, expect, it } from '@jest/globals'
import { Decimal } from 'decimal.js'
import { optionProblems } from '../../../lib/options/option-problems.js'
import { resolveMemoryOptions } from '../../../lib/options/resolve-memory-options.js'
import type { SerializationOptions } from '../../../lib/options/serialization-options.interface.js'
import { MemoryType } from '../../../lib/serialization/types/memory-type.decorator.js'

const connection = { url: 'redis://127.0.0.1:6379' }
const problemsOf = (serialization: unknown) => optionProblems({ connection, serialization })
const typeProblems = (...types: readonly unknown[]) => problemsOf({ types })
const resolve = (serialization: SerializationOptions) =>
  resolveMemoryOptions({ connection, serialization }).serialization

class Money {
  constructor(readonly cents: number) {}
}
class Other extends Money {}
class Tags extends Set<string> {}
class QuotaError extends RangeError {}
const noKeys = () => {
  throw new Error('called')
}
const withoutPrototype = Object.assign(
  function bare() {
    return 1
  },
  { prototype: null },
)
const serialize = String
const anonymous = () =>
  class {
    x = 1
  }
const deserialize = () => new Money(1)

@MemoryType('Point')
class Point {
  x = 1
}
class Pixel extends Point {}

@MemoryType({ name: 'Order', version: 0, transform: 'class-transformer' })
class Order {}

describe('serialization.types', () => {
  it.each([
    [[Decimal, Money, QuotaError, Point, Pixel]],
    [[{ type: Money, serialize, deserialize }]],
    [[{ type: Tags, serialize, deserialize }]],
    [[{ type: URLSearchParams, serialize, deserialize }]],
    [[{ type: Money, name: 'Geld €', version: 3, migrate: String, toJson: String, transform: undefined }]],
    [[{ type: Order, version: 1 }]],
    [[]],
    [undefined],
  ])('takes %p', (types) => {
    expect(problemsOf({ types })).toEqual([])
  })

  it.each<[string, readonly unknown[], string, string, string]>([
    ['no class', ['Money'], '[0]', 'a string of 5 characters', 'a class, or a definition'],
    ['a hole', Array.from({ length: 1 }), '[0]', 'undefined', 'a class, or a definition'],
    ['an arrow function', [() => 1], '[0]', 'a function', 'a class, or a definition'],
    ['a definition without a class', [{ serialize, deserialize }], '[0].type', 'undefined', 'a class'],
    ['an instance', [{ type: new Money(1) }], '[0].type', 'an instance of Money', 'a class'],
    ['Object', [Object], '[0].type', 'the built-in Object', 'built-in ones need no mention'],
    ['Date', [{ type: Date, serialize, deserialize }], '[0].type', 'the built-in Date', 'built-in ones'],
    ['TypeError', [TypeError], '[0].type', 'the built-in TypeError', 'built-in ones'],
    ['Uint8Array', [Uint8Array], '[0].type', 'the built-in Uint8Array', 'built-in ones'],
    ['Buffer', [Buffer], '[0].type', 'the built-in Buffer', 'built-in ones'],
    ['a bare Promise', [Promise], '[0].type', 'the built-in Promise', 'serialize and deserialize'],
    ['a bare subclass of Set', [Tags], '[0].type', 'a class that extends Set', 'serialize and deserialize'],
    ['a class twice', [Money, { type: Money, name: 'M' }], '[1].type', 'a function', 'serialization.types[0] has it'],
    [
      'a clone of a class',
      [Decimal, { type: Decimal.clone(), name: 'D' }],
      '[1].type',
      'a function',
      'types[0] has it',
    ],
    ['a function without instances', [{ type: withoutPrototype }], '[0].type', 'a function', 'a class'],
    ['a name twice', [Money, Point, { type: Other, name: 'Money' }], '[2].name', "'Money'", 'types[0] has it'],
    ['serialize alone', [{ type: Money, serialize }], '[0].deserialize', 'nothing', 'both serialize and deserialize'],
    ['deserialize alone', [{ type: Money, deserialize }], '[0].serialize', 'nothing', 'both serialize and deserialize'],
    ['an unknown transform', [{ type: Money, transform: 'json' }], '[0].transform', "'json'", "'class-transformer'"],
    ['no name', [anonymous()], '[0].name', 'an empty string', '1 to 64 printable characters'],
    ['a long name', [{ type: Money, name: 'm'.repeat(65) }], '[0].name', 'a string of 65', '1 to 64'],
    ['a control character', [{ type: Money, name: 'a\u0000' }], '[0].name', 'a string of 2', 'printable'],
    ['half a pair', [{ type: Money, name: '\uD800' }], '[0].name', 'a string of 1', 'printable'],
    ['version 0', [{ type: Money, version: 0 }], '[0].version', 'the number 0', 'a whole number above 0'],
    ['version 0 of the decorator', [Order], '[0].version', 'the number 0', 'a whole number above 0'],
    ['a migration that is none', [{ type: Money, migrate: {} }], '[0].migrate', 'a plain object', 'a function'],
  ])('refuses %s', (_name, types, path, given, allowed) => {
    expect(typeProblems(...types)).toEqual([
      {
        path: `serialization.types${path}`,
        given: expect.stringContaining(given),
        allowed: expect.stringContaining(allowed),
      },
    ])
  })

  it('refuses a transform beside serialize and deserialize', () => {
    expect(typeProblems({ type: Money, serialize, deserialize, transform: 'class-transformer' })).toEqual([
      expect.objectContaining({ path: 'serialization.types[0].transform' }),
    ])
  })

  it('refuses what is no array', () => {
    expect(problemsOf({ types: Money })).toEqual([
      expect.objectContaining({ path: 'serialization.types', given: 'a function' }),
    ])
  })

  it('keeps a list that is changed later', () => {
    const types = [Money]
    const resolved = resolve({ types })
    types.pop()
    expect(resolved.types).toEqual([Money])
  })
})

describe('serialization.compression', () => {
  it.each([
    [undefined, undefined],
    [false, undefined],
    [true, { minBytes: 4096 }],
    [{}, { minBytes: 4096 }],
    [{ minBytes: 10_000 }, { minBytes: 10_000 }],
    [{ minBytes: '1mb' as const }, { minBytes: 1_048_576 }],
  ])('resolves %p', (compression, resolved) => {
    expect(resolve({ compression }).compression).toEqual(resolved)
  })

  it.each([
    ['serialization.compression', 'on', "'on'", 'true, false or an object of minBytes'],
    ['serialization.compression', null, 'null', 'true, false or an object of minBytes'],
    ['serialization.compression.minBytes', { minBytes: '1kb' }, "'1kb'", "at least '4kb'"],
    ['serialization.compression.minBytes', { minBytes: 4095 }, 'the number 4095', "at least '4kb'"],
    ['serialization.compression.minBytes', { minBytes: '8192' }, "'8192'", 'write 8192'],
  ])('refuses %s of %p', (path, compression, given, allowed) => {
    expect(problemsOf({ compression })).toEqual([{ path, given, allowed: expect.stringContaining(allowed) }])
  })
})

describe('serialization.encryption', () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef')

  it.each([
    ['a Buffer', key],
    ['a Uint8Array', new Uint8Array(key)],
    ['base64', key.toString('base64')],
    ['base64url', key.toString('base64url')],
  ])('reads a key given as %s', (_name, given) => {
    const { encryption } = resolve({ encryption: { current: 'k1', keys: { k1: given } } })
    expect(encryption).toEqual({ current: 'k1', keys: new Map([['k1', key]]), allowPlaintext: false })
  })

  it('copies a key, so that it can be wiped', () => {
    const given = new Uint8Array(key)
    const { encryption } = resolve({ encryption: { current: 'k1', keys: { k1: given } } })
    given.fill(0)
    expect(encryption?.keys).toEqual(new Map([['k1', key]]))
  })

  it('hands a provider on without calling it', () => {
    expect(resolve({ encryption: { current: 'k1', keys: noKeys } }).encryption?.keys).toBe(noKeys)
  })

  const secret = key.toString('base64url')
  it.each<[string, unknown, string]>([
    ['', secret, 'an object of current, keys'],
    ['.current', { current: 'k2', keys: { k1: key } }, 'the id of one of serialization.encryption.keys'],
    ['.current', { current: 'toString', keys: { k1: key } }, 'the id of one of'],
    ['.current', { current: secret, keys: { k1: key } }, 'the id of one of'],
    ['.current', { keys: { k1: key } }, '1 to 64 of the characters'],
    ['.current', { current: 'k 1', keys: () => key }, '1 to 64 of the characters'],
    ['.keys', { current: 'k1' }, 'an object of keys by their ids, or a function'],
    ['.keys', { current: 'k1', keys: secret }, 'an object of keys'],
    ['.keys', { current: 'k1', keys: new Map([['k1', key]]) }, 'an object of keys'],
    ['.keys', { current: 'k1', keys: { k1: key, [`${secret}=`]: key } }, 'ids of 1 to 64'],
    ['.keys.k1', { current: 'k1', keys: { k1: secret.slice(1) } }, '32 bytes'],
    ['.keys.k1', { current: 'k1', keys: { k1: key.toString('hex') } }, "Buffer.from(hex, 'hex')"],
    ['.keys.k1', { current: 'k1', keys: { k1: key.subarray(1) } }, '32 bytes'],
    ['.keys.k1', { current: 'k1', keys: { k1: undefined } }, 'is the environment variable it is read from set?'],
    ['.allowPlaintext', { current: 'k1', keys: { k1: key }, allowPlaintext: 'yes' }, 'true or false'],
    ['.Key', { current: 'k1', keys: { k1: key }, Key: secret }, 'did you mean serialization.encryption.keys?'],
  ])('refuses encryption%s: %#', (name, encryption, allowed) => {
    const problems = problemsOf({ encryption })
    expect(problems.map(({ given }) => given).join()).not.toContain("'")
    expect(problems).toEqual([
      { path: `serialization.encryption${name}`, given: expect.any(String), allowed: expect.stringContaining(allowed) },
    ])
    expect(JSON.stringify(problems)).not.toContain(secret.slice(1, -1))
  })
})
