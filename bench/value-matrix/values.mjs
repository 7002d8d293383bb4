import { Decimal } from 'decimal.js'
import { Account, Money, QuotaError, Unregistered } from './classes.mjs'

const bytes = (length) => Uint8Array.from({ length }, (_, index) => (index * 37) % 256)
const cyclic = () => {
  const object = { name: 'a' }
  object.self = object
  object.list = [object]
  return object
}
const shared = () => {
  const one = { a: 1 }
  return { first: one, second: one, list: [one] }
}
const cyclicMap = () => {
  const map = new Map()
  return map.set('self', map).set(map, 1)
}
const cyclicInstance = () => {
  const money = new Money(1, 'EUR')
  money.self = money
  return money
}
const cyclicCause = () => {
  const error = new Error('a')
  error.cause = error
  return error
}
const sparse = () => {
  const array = [1]
  array[5] = undefined
  array.length = 8
  return array
}
const deep = (levels) => {
  let value = []
  for (let level = 0; level < levels; level++) value = [value]
  return value
}
const ownProto = () => JSON.parse('{"__proto__":{"admin":true},"a":1}')
const withRegExpState = () => Object.assign(/a(?<x>.)/dgu, { lastIndex: 3 })
const thrower = () => {
  throw new Error('read')
}
const throwingGetter = () => ({
  a: 1,
  get b() {
    return thrower()
  },
})
const throwingProxy = () => new Proxy({ a: 1 }, { get: thrower, ownKeys: thrower, getPrototypeOf: thrower })
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
const withoutStack = () => {
  const error = Object.assign(new Error('a'), { z: 1 })
  delete error.stack
  return Object.defineProperty(error, 'message', { enumerable: true })
}
const argumentsOf = function collect() {
  return arguments
}.bind(undefined, 1, 2)
const holdsItself = () => {
  const array = []
  array.push(array, new Set([array]))
  return array
}
const twoViews = () => {
  const { buffer } = bytes(8)
  return { all: new Uint8Array(buffer), end: new Uint8Array(buffer, 4) }
}

const twoParts = () => {
  const { buffer } = bytes(8)
  return { start: new Uint8Array(buffer, 0, 4), end: new Uint8Array(buffer, 4) }
}

/** Every kind of value: its name, and what makes one. */
export const VALUES = [
  ['null', () => null],
  ['undefined', () => undefined],
  ['undefined in an object', () => ({ a: undefined, b: [undefined] })],
  ['true and false', () => [true, false]],
  ['a number with a fraction', () => [0.1, 1e21, 5e-324, 1.7976931348623157e308]],
  ['an integer beyond 2 ** 53', () => 2 ** 60],
  ['NaN', () => Number.NaN],
  ['Infinity', () => [Infinity, -Infinity]],
  ['-0', () => -0],
  ['-0 in an array', () => [0, -0]],
  ['a bigint', () => -(2n ** 70n)],
  ['a bigint of 401 digits', () => 10n ** 400n],
  ['an empty string', () => ''],
  ['a string with emoji and NUL', () => 'a\u0000é😀\u2028'],
  ['a lone surrogate', () => 'a\uD800b'],
  ['a lone surrogate as a key', () => ({ '\uDC00': 1 })],
  ['a string like an ISO date', () => '2024-01-01T00:00:00.000Z'],
  ['an empty object', () => ({})],
  ['keys in an order of their own', () => ({ b: 1, a: 2, 10: 3, 9: 4, '': 5 })],
  ['an own __proto__', ownProto],
  ['keys constructor and toString', () => ({ constructor: { prototype: 1 }, toString: 'a', hasOwnProperty: 0 })],
  ['keys then and toJSON', () => JSON.parse('{"then":"a","toJSON":"b"}')],
  ['user data { $date }', () => ({ $date: '2024-01-01T00:00:00.000Z' })],
  ['user data { $ }', () => [{ $: 'undefined' }, { $$: 1 }, { $ref: 0 }, { $map: [] }]],
  ['user data of other codecs', () => [{ json: 1, meta: { values: { a: ['Date'] } } }, { t: 10, i: 0 }, [[1], 'x']]],
  ['an object without prototype', () => Object.assign(Object.create(null), { a: 1 })],
  [
    'a getter',
    () => ({
      get a() {
        return new Date(5)
      },
    }),
  ],
  ['a property that is not enumerable', () => Object.defineProperty({ a: 1 }, 'b', { value: 2 })],
  ['an array of arrays', () => [[], [[1]], []]],
  ['a sparse array', sparse],
  ['an array with a named property', () => Object.assign([1, 2], { total: 3 })],
  ['an array of length 2,000,000 with one item', () => Object.assign([1], { length: 2_000_000 })],
  ['a subclass of Array', () => new (class List extends Array {})(1, 2)],
  ['100 levels of nesting', () => deep(100)],
  ['10,000 levels of nesting', () => deep(10_000)],
  ['a shared reference', shared],
  [
    'a shared Date',
    () => {
      const date = new Date(1)
      return [date, date]
    },
  ],
  [
    'a shared Map in a Set',
    () => {
      const map = new Map([['a', 1]])
      return [new Set([map]), map]
    },
  ],
  ['a cycle', cyclic],
  ['an array that holds itself', holdsItself],
  ['a Map that holds itself', cyclicMap],
  ['a Date', () => new Date(1_700_000_000_123)],
  ['a Date before the year 0', () => new Date(-8.64e15)],
  ['an invalid Date', () => new Date(Number.NaN)],
  ['a Date with a named property', () => Object.assign(new Date(1), { zone: 'UTC' })],
  [
    'a Map',
    () =>
      new Map([
        ['b', 1],
        ['a', { c: 2 }],
      ]),
  ],
  [
    'a Map with keys of all kinds',
    () =>
      new Map([
        [new Date(1), 1],
        [{ a: 1 }, 2],
        [Number.NaN, 3],
        [1, 4],
        ['1', 5],
        [undefined, 6],
      ]),
  ],
  ['a Set', () => new Set([3, '3', undefined, new Date(2)])],
  ['a Map in a Set in a Map', () => new Map([['a', new Set([new Map([[1, new Set()]])])]])],
  ['a Map with a named property', () => Object.assign(new Map([['a', 1]]), { size2: 1 })],
  ['a subclass of Map', () => new (class Registry extends Map {})([['a', 1]])],
  ['a RegExp', () => /a\/[b"]\n/gi],
  ['a RegExp with its lastIndex', withRegExpState],
  ['a URL', () => new URL('https://user:pw@example.com:8080/a%20b?q=1&q=2#h')],
  ['URLSearchParams', () => new URLSearchParams('a=1&a=2')],
  ['an Error', () => new Error('oops')],
  ['a TypeError without a message', () => new TypeError()],
  ['an Error with a cause', () => new Error('outer', { cause: new RangeError('inner', { cause: { code: 7n } }) })],
  ['an Error whose cause is itself', cyclicCause],
  ['an Error with a name and a code', () => Object.assign(new Error('a'), { name: 'Custom', code: 'E_CUSTOM' })],
  ['an AggregateError', () => new AggregateError([new Error('a'), 'b'], 'all')],
  ['an Error of a registered subclass', () => new QuotaError(5, { cause: new Error('inner') })],
  ['an Error of another subclass', () => new (class Unknown extends Error {})('a')],
  ['an Error without a stack, its message enumerable', withoutStack],
  ['an Error with a symbol key', () => Object.assign(new Error('a'), { [Symbol('s')]: 1 })],
  ['an object that looks like a Date', () => Object.create(Date.prototype)],
  ['an object that looks like an Error', () => Object.create(Error.prototype)],
  ['a frozen object in a frozen array', () => Object.freeze([Object.freeze({ a: 1 })])],
  ['arguments', argumentsOf],
  ['a generator', () => new Map().entries()],
  ['a string of a million characters', () => 'aé"\\'.repeat(250_000)],
  ['a Buffer', () => Buffer.from(bytes(20))],
  ['an empty Buffer', () => Buffer.alloc(0)],
  ['a Uint8Array', () => bytes(300)],
  ['a Float32Array with NaN and -0', () => Float32Array.of(0.1, -0, Number.NaN, Infinity)],
  ['a Float64Array', () => Float64Array.of(0.1, -0, 5e-324)],
  ['a BigInt64Array', () => BigInt64Array.of(-1n, 2n ** 62n)],
  ['Int8, Uint16 and Uint8Clamped arrays', () => [Int8Array.of(-1), Uint16Array.of(65_535), Uint8ClampedArray.of(300)]],
  ['a part of a larger buffer', () => new Uint16Array(bytes(10).buffer, 2, 3)],
  ['two views of the same bytes', twoViews],
  ['two views of one buffer beside each other', twoParts],
  ['a typed array with a named property', () => Object.assign(bytes(3), { unit: 'px' })],
  ['an ArrayBuffer that can grow', () => new ArrayBuffer(4, { maxByteLength: 8 })],
  ['an ArrayBuffer', () => bytes(10).buffer],
  ['a DataView', () => new DataView(bytes(10).buffer, 2, 5)],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(8)],
  ['boxed primitives', () => [Object(1), Object('a'), Object(false)]],
  ['a Decimal', () => new Decimal('0.1234567890123456789012345678901234567890')],
  ['Decimals at the edges', () => ['-0', 'NaN', '-Infinity', '1e+1000'].map((text) => new Decimal(text))],
  ['an instance of a registered class', () => new Money(5, 'EUR')],
  [
    'a registered instance with rich values',
    () => new Money(new Decimal('1.10'), new Map([[new Date(1), new Money(-0, undefined)]])),
  ],
  [
    'a shared registered instance',
    () => {
      const money = new Money(1, 'EUR')
      return [money, { money }]
    },
  ],
  ['a registered instance that holds itself', cyclicInstance],
  ['a registered class with private fields', () => new Account(12)],
  [
    'a registered instance with a property of its own',
    () => Object.assign(new Money(1, 'EUR'), { note: 'a', constructor: 1 }),
  ],
  ['a registered instance with a symbol key', () => Object.assign(new Money(1, 'EUR'), { [Symbol('s')]: 1 })],
  ['a registered instance with a hidden property', () => Object.defineProperty(new Money(1, 'EUR'), 'h', { value: 1 })],
  ['an instance of a subclass of a registered class', () => new (class Tip extends Money {})(1, 'EUR')],
  ['a Decimal of another configuration', () => new (Decimal.clone({ precision: 50 }))('1.5')],
  ['an instance of an unregistered class', () => new Unregistered()],
  ['a function', () => thrower],
  ['a function in an object', () => ({ a: 1, f: thrower })],
  ['a class', () => Money],
  ['a symbol', () => Symbol('s')],
  ['a symbol in an array', () => [Symbol.for('s')]],
  ['a symbol as a key', () => ({ a: 1, [Symbol('s')]: 2 })],
  ['a getter that throws', throwingGetter],
  ['a Proxy that throws', throwingProxy],
  ['a revoked Proxy', revoked],
  ['a WeakMap', () => new WeakMap()],
  ['a Promise', () => Promise.resolve(1)],
  ['a bigint of 20,000 digits', () => 10n ** 20_000n],
].map(([kind, make]) => ({ kind, make }))
