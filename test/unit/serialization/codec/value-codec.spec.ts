import { runInNewContext } from 'node:vm'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it, jest } from '@jest/globals'
import { ValueCodec } from '../../../../lib/serialization/codec/value-codec.js'
import { EncodeError } from '../../../../lib/serialization/codec.errors.js'
import { Box, Money, OutOfStock, someTypes } from './some-types.js'

const codec = new ValueCodec(someTypes)
const again = <Value>(value: Value): Value => codec.decode(codec.encode(value)) as Value
const nest = (depth: number, inner: unknown = 1): unknown => (depth === 0 ? inner : [nest(depth - 1, inner)])
const sparse = (length: number, items: Record<number, unknown>): unknown[] =>
  Object.assign(Array.from<unknown>({ length: 0 }), items, { length })

function argumentsOf(..._values: number[]): IArguments {
  return arguments
}

function* generate(): Generator<number> {
  yield 1
}

describe('ValueCodec', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a boolean', true, 'true'],
    ['a number', -1.5e-7, '-1.5e-7'],
    ['a large number', 1e21, '1e+21'],
    ['the largest safe integer', 9007199254740991, '9007199254740991'],
    ['a text', 'a "b" ☕\n', '"a \\"b\\" ☕\\n"'],
    ['an emoji', '👍', '"👍"'],
    ['a text that looks like a date', '2026-01-01T00:00:00.000Z', '"2026-01-01T00:00:00.000Z"'],
    ['half a surrogate pair', '\ud800', '"\\ud800"'],
    ['the marker as text', '~', '"~"'],
    ['an array', [1, [], {}], '[1,[],{}]'],
    [
      'an array of many numbers',
      Array.from({ length: 20 }, (_, i) => i / 2),
      JSON.stringify(Array.from({ length: 20 }, (_, i) => i / 2)),
    ],
    ['an object, in the order of its keys', { b: 1, a: { c: null } }, '{"b":1,"a":{"c":null}}'],
    ['keys that are indices', { b: 1, 2: 2, 1: 1 }, '{"1":1,"2":2,"b":1}'],
    ['undefined', undefined, '~{"$":"undefined"}'],
    ['undefined in depth', { a: [undefined] }, '~{"a":[{"$":"undefined"}]}'],
    ['NaN', [Number.NaN], '~[{"$":"NaN"}]'],
    ['Infinity', [Infinity, -Infinity], '~[{"$":"Infinity"},{"$":"-Infinity"}]'],
    ['-0', -0, '~{"$":"-0"}'],
    ['-0 among many numbers', [...Array.from({ length: 16 }, () => 1), -0], `~[${'1,'.repeat(16)}{"$":"-0"}]`],
    ['a bigint', -12n, '~{"$bigint":"-12"}'],
    ['a date', new Date(0), '~{"$date":"1970-01-01T00:00:00.000Z"}'],
    ['a date beyond year 9999', new Date(8.64e15), '~{"$date":"+275760-09-13T00:00:00.000Z"}'],
    ['a date before year 0', new Date(-8.64e15), '~{"$date":"-271821-04-20T00:00:00.000Z"}'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ b: 2 }, new Map()],
      ]),
      '~{"$map":["a",1,{"b":2},{"$map":[]}]}',
    ],
    ['a Set', new Set([1, 'a', new Set()]), '~{"$set":[1,"a",{"$set":[]}]}'],
    ['a RegExp', /a"\/b/giu, '~{"$regexp":["a\\"\\\\/b","giu",0]}'],
    ['a URL', new URL('https://example.org/a?b=c#d'), '~{"$url":"https://example.org/a?b=c#d"}'],
    ['a Buffer', Buffer.from('hello'), '~{"$bytes":["Buffer","aGVsbG8="]}'],
    ['a Float32Array', new Float32Array([1, Number.NaN, -0]), '~{"$bytes":["Float32Array","AACAPwAAwH8AAACA"]}'],
    ['a BigInt64Array', new BigInt64Array([-1n]), '~{"$bytes":["BigInt64Array","//////////8="]}'],
    ['an ArrayBuffer', new Uint8Array([1]).buffer, '~{"$bytes":["ArrayBuffer","AQ=="]}'],
    ['a DataView', new DataView(new Uint8Array([1]).buffer), '~{"$bytes":["DataView","AQ=="]}'],
    ['an array with holes', sparse(4, { 1: 'a' }), '~{"$sparse":[4,[[1,"a"]]]}'],
    ['an array with nothing but holes', sparse(2, {}), '~{"$sparse":[2,[]]}'],
    ['an instance', [new Money(5n, 'EUR')], '~[{"$type":["Money",2,[{"$bigint":"5"},"EUR"]]}]'],
    ['a key like a tag', { $date: 'x' }, '~{"$$date":"x"}'],
    ['a key like an escaped tag', { $$date: { $: 1 } }, '~{"$$$date":{"$$":1}}'],
    ['keys like tags beside a date', { $a: new Date(0), b: 1 }, '~{"$$a":{"$date":"1970-01-01T00:00:00.000Z"},"b":1}'],
    ['keys like tags around others, in their order', { a: 1, $ref: 0, $b: [2] }, '~{"a":1,"$$ref":0,"$$b":[2]}'],
    ['a text like a reference', { a: ['$ref'] }, '{"a":["$ref"]}'],
    ['own constructor and toString', { constructor: 1, toString: 2 }, '{"constructor":1,"toString":2}'],
    ['own toJSON that is data', { toJSON: 'x' }, '{"toJSON":"x"}'],
  ])('keeps %s', (_, value, text) => {
    expect(codec.encode(value)).toBe(text)
    expect(codec.decode(text)).toStrictEqual(value)
    expect(isDeepStrictEqual(codec.decode(text), value)).toBe(true)
  })

  it('keeps an invalid date', () => {
    expect(codec.encode([new Date(Number.NaN)])).toBe('~[{"$date":null}]')
    expect(again(new Date(Number.NaN)).getTime()).toBeNaN()
  })

  it('writes plain values as JSON.stringify does', () => {
    const value = { role: 'user', content: 'a\u2028b\u007f\t', n: [1, -2.5, 1e-7, true, null, { '': '', '"': 1 }] }
    expect(codec.encode(value)).toBe(JSON.stringify(value))
    for (let code = 0; code < 0x10000; code += 1) {
      const text = `a${String.fromCharCode(code)}b`
      if (codec.encode(text) !== JSON.stringify(text)) throw new Error(`character ${code}`)
    }
  })

  it('keeps an own __proto__ a key, wherever it is', () => {
    const value: unknown = JSON.parse('{"__proto__":{"x":1},"at":1}')
    const bare = Object.assign(Object.create(null) as object, { at: new Date(0) })
    Object.defineProperty(bare, '__proto__', { value: 1, enumerable: true, writable: true, configurable: true })
    for (const one of [
      value,
      { inner: value, when: new Date(0) },
      { $inner: value },
      { $a: 1, ['__proto__']: 1n },
      bare,
    ]) {
      const decoded = again(one)
      expect(decoded).toStrictEqual(one)
      expect(Reflect.ownKeys(decoded as object)).toEqual(Reflect.ownKeys(one as object))
      expect(Object.getPrototypeOf(decoded)).toBe(Object.getPrototypeOf(one))
    }
    expect(codec.encode(bare)).toBe('~{"$null":{"at":{"$date":"1970-01-01T00:00:00.000Z"},"__proto__":1}}')
  })

  it('keeps lastIndex of a RegExp, and only the bytes that a view shows', () => {
    const expression = /a/g
    expression.lastIndex = 3
    expect(again(expression).lastIndex).toBe(3)
    const view = new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2)
    expect(again(view)).toStrictEqual(new Uint16Array([2, 3]))
    expect(again(view).buffer.byteLength).toBe(4)
    expect(again(Buffer.from('abc')).buffer.byteLength).toBe(3)
    expect(again(Buffer.from('abc'))).toBeInstanceOf(Buffer)
  })

  it('keeps views beside each other, and an empty one, in one buffer', () => {
    const bytes = Uint8Array.from([1, 2, 3])
    const views = [bytes.subarray(0, 1), bytes.subarray(1, 3), bytes.subarray(1, 1)]
    expect(again(views)).toStrictEqual(views)
    expect(() => codec.encode([bytes.subarray(0, 2), bytes.subarray(1, 3)])).toThrow(/another view/)
  })

  it('keeps shared references', () => {
    const [plain, date, map, money, buffer] = [{ a: 1 }, new Date(0), new Map(), new Money(1n, 'EUR'), Buffer.from('a')]
    const value = {
      plain: [plain, plain],
      date: [date, date],
      map: [map, map],
      money: [money, money],
      buffer: [buffer, buffer],
    }
    const decoded = again(value)
    expect(decoded).toStrictEqual(value)
    for (const [one, other] of Object.values(decoded)) expect(one).toBe(other)
    expect(codec.encode([plain, plain])).toBe('~[{"a":1},{"$ref":1}]')
    expect(codec.encode([{ a: 1 }, { a: 1 }])).toBe('[{"a":1},{"a":1}]')
  })

  it('keeps shared references among many, and counts escaped, tagged and instance containers alike', () => {
    const last = { last: true }
    const containers: object[] = [
      { $escaped: { a: 1 } },
      [],
      new Map([[{}, new Set([{}])]]),
      sparse(3, { 1: {} }),
      new Error('x', { cause: {} }),
      Object.assign(Object.create(null) as object, { $a: {} }),
      new Money(1n, 'EUR'),
      /a/,
      new URL('http://a/'),
      new Date(0),
      ...Array.from({ length: 20 }, (_, index) => ({ index })),
      last,
    ]
    const decoded = again([...containers, ...containers.toReversed()])
    for (const [index] of containers.entries()) expect(decoded[index]).toBe(decoded[decoded.length - 1 - index])
    expect(decoded.slice(0, containers.length)).toStrictEqual(containers)
  })

  it('keeps a reference to what came after a first one, among many', () => {
    const [early, late] = [{ early: true }, { late: true }]
    const many = Array.from({ length: 1_000 }, (_, index) => ({ index }))
    const decoded = again([early, many, early, late, [late], early] as const)
    expect(decoded).toStrictEqual([early, many, early, late, [late], early])
    expect(decoded[2]).toBe(decoded[0])
    expect(decoded[4][0]).toBe(decoded[3])
    expect(decoded[5]).toBe(decoded[0])
  })

  it('keeps cycles', () => {
    const array: unknown[] = []
    array.push({ array })
    const map = new Map<unknown, unknown>()
    map.set(map, new Set([map]))
    const error = new Error('x')
    error.cause = { error }
    const bare = Object.create(null) as { self: unknown }
    bare.self = bare
    const escaped: Record<string, unknown> = {}
    escaped['$self'] = escaped
    expect((again(array)[0] as { array: unknown }).array).toStrictEqual(array)
    const [key, value] = [...again(map)][0] as [unknown, Set<unknown>]
    expect(value.has(key)).toBe(true)
    const decoded = again(error)
    expect((decoded.cause as { error: unknown }).error).toBe(decoded)
    const decodedBare = again(bare)
    expect(decodedBare.self).toBe(decodedBare)
    const decodedEscaped = again(escaped)
    expect(decodedEscaped['$self']).toBe(decodedEscaped)
  })

  it('keeps errors with all that belongs to them', () => {
    const error = Object.assign(new TypeError('bad', { cause: new RangeError('worse') }), {
      code: 'E_BAD',
      at: new Date(0),
    })
    error.name = 'Bad'
    const decoded = again(error)
    expect(decoded).toBeInstanceOf(TypeError)
    expect(Object.getOwnPropertyNames(decoded)).toEqual(Object.getOwnPropertyNames(error))
    for (const key of Object.getOwnPropertyNames(error)) {
      expect(Object.prototype.propertyIsEnumerable.call(decoded, key)).toBe(
        Object.prototype.propertyIsEnumerable.call(error, key),
      )
    }
    expect(decoded.stack).toBe(error.stack)
    expect(decoded.name).toBe('Bad')
    expect(isDeepStrictEqual(decoded, error)).toBe(true)
    const many = new AggregateError([1, new Error('a')], 'many')
    expect(again(many)).toBeInstanceOf(AggregateError)
    expect(isDeepStrictEqual(again(many), many)).toBe(true)
    expect(again(new OutOfStock('none'))).toBeInstanceOf(OutOfStock)
  })

  it('takes what is of another realm for what it is', () => {
    const foreign = runInNewContext(
      '({ a: [1, { at: new Date(5) }], m: new Map([[1, new Set([2])]]), r: /x/g, e: new TypeError("t"), f: new Float64Array([1]), s: [, 1], b: new ArrayBuffer(2) })',
    ) as Record<string, unknown>
    const decoded = again(foreign)
    const e = decoded['e'] as Error
    expect(e).toBeInstanceOf(TypeError)
    expect(e.message).toBe('t')
    const { e: _, ...rest } = decoded
    expect(rest).toStrictEqual({
      a: [1, { at: new Date(5) }],
      m: new Map([[1, new Set([2])]]),
      r: /x/g,
      f: new Float64Array([1]),
      s: sparse(2, { 1: 1 }),
      b: new ArrayBuffer(2),
    })
  })

  it('reads each property once, and changes nothing', () => {
    let reads = 0
    const inner = Object.freeze({
      get a() {
        return ++reads
      },
    })
    const value = Object.freeze({ inner, list: Object.freeze([1, new Date(0)]) })
    expect(codec.encode(value)).toBe('~{"inner":{"a":1},"list":[1,{"$date":"1970-01-01T00:00:00.000Z"}]}')
    expect(reads).toBe(1)
  })

  it('reads each item of many numbers once', () => {
    let reads = 0
    const numbers = Array.from({ length: 20 }, () => 1)
    Object.defineProperty(numbers, 3, { get: () => ++reads, enumerable: true })
    expect(codec.encode(numbers)).toBe(JSON.stringify(Array.from({ length: 20 }, () => 1)))
    expect(reads).toBe(1)
  })

  it('ends where a getter adds to the Map that is read', () => {
    const map = new Map<unknown, unknown>()
    const growing = {
      get size() {
        return map.set({}, growing).size
      },
    }
    map.set('a', growing)
    expect(codec.encode(map)).toBe('~{"$map":["a",{"size":2}]}')
  })

  it('never calls a toJSON', () => {
    const spy = jest.spyOn(Date.prototype, 'toJSON')
    codec.encode([new Date(0), { at: new Date(1) }])
    expect(spy).not.toHaveBeenCalled()
    spy.mockRestore()
  })

  class Unregistered {
    amount = 1
  }
  const throwing = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('a secret')
      },
    },
  )
  const cyclicBox = new Box()
  cyclicBox.content = { in: [cyclicBox] }

  it.each<[string, unknown, (string | number)[], RegExp]>([
    ['a function', { a: [() => 1] }, ['a', 0], /^a function given; allowed: .*serialization\.types/],
    ['an own toJSON', { toJSON: () => 1 }, ['toJSON'], /^a function/],
    ['a symbol', { a: Symbol('x') }, ['a'], /^a symbol/],
    ['a symbol key', { a: { [Symbol('x')]: 1 } }, ['a'], /symbol key/],
    ['a symbol key of an array', [Object.assign([], { [Symbol('x')]: 1 })], [0], /symbol key/],
    ['a symbol key of an error', [Object.assign(new Error('x'), { [Symbol('x')]: 1 })], [0], /symbol key/],
    ['a hidden property', [Object.defineProperty({}, 'x', { value: 1 })], [0], /not enumerable/],
    ['the arguments of a function', [argumentsOf(1)], [0], /not enumerable|symbol/],
    ['an instance', { a: new Unregistered() }, ['a'], /^an instance of Unregistered given; .*serialization\.types/],
    ['a subclass of Array', { a: new (class List extends Array {})() }, ['a'], /instance of List/],
    ['a subclass of Date', { a: new (class Day extends Date {})(0) }, ['a'], /instance of Day/],
    ['a subclass of Map', { a: new (class Table extends Map {})() }, ['a'], /instance of Table/],
    ['a subclass of Error', { a: new (class TypeError extends Error {})() }, ['a'], /instance of TypeError/],
    ['a subclass of a registered class', [new (class Dollar extends Money {})(1n, 'USD')], [0], /instance of Dollar/],
    ['a boxed number', { a: Object(1) as unknown }, ['a'], /instance of Number/],
    ['a Promise', [Promise.resolve()], [0], /instance of Promise/],
    ['a WeakMap', [new WeakMap()], [0], /instance of WeakMap/],
    ['a WeakSet', [new WeakSet()], [0], /instance of WeakSet/],
    ['a SharedArrayBuffer', [new SharedArrayBuffer(1)], [0], /instance of SharedArrayBuffer/],
    ['a view on a SharedArrayBuffer', [new Uint8Array(new SharedArrayBuffer(1))], [0], /SharedArrayBuffer/],
    ['a generator', [generate()], [0], /object/],
    ['Math', [Math], [0], /symbol key|not enumerable|instance/],
    ['a Date with more', [Object.assign(new Date(0), { x: 1 })], [0], /Date with properties/],
    ['a Map with more', [Object.assign(new Map(), { x: 1 })], [0], /Map with properties/],
    ['a Set with more', [Object.assign(new Set(), { x: 1 })], [0], /Set with properties/],
    ['a RegExp with more', [Object.assign(/x/, { x: 1 })], [0], /RegExp with properties/],
    ['a RegExp with an odd lastIndex', [Object.assign(/x/, { lastIndex: 0.5 })], [0], /lastIndex/],
    ['a RegExp with a lastIndex of -0', [Object.assign(/x/, { lastIndex: -0 })], [0], /lastIndex/],
    ['a URL with more', [Object.assign(new URL('http://a/'), { x: 1 })], [0], /URL with properties/],
    ['bytes with more', [Object.assign(new Float32Array(2), { x: 1 })], [0], /Float32Array with properties/],
    ['a Buffer with more', [Object.assign(Buffer.from('ab'), { x: 1 })], [0], /Buffer with properties/],
    ['an ArrayBuffer with more', [Object.assign(new ArrayBuffer(1), { x: 1 })], [0], /ArrayBuffer with properties/],
    [
      'other items than the prototype says',
      [Object.setPrototypeOf(new Uint16Array(1), Uint8Array.prototype)],
      [0],
      /looks/,
    ],
    ['a prototype that only names its class', [Object.create({ constructor: Object })], [0], /instance of Object/],
    [
      'an object that pretends in another realm',
      [runInNewContext('Object.create(Map.prototype)')],
      [0],
      /of Map given/,
    ],
    ['an array with a key beyond all indices', [Object.assign([1], { 4294967295: 1 })], [0], /beside its indices/],
    [
      'an array with holes and half an index',
      [Object.assign(sparse(3, { 0: 1 }), { 1.5: 1 })],
      [0],
      /beside its indices/,
    ],
    ['an array with more', [Object.assign([1], { x: 1 })], [0], /beside its indices/],
    ['an array with holes and more', [Object.assign(sparse(2, { 1: 1 }), { x: 1 })], [0], /beside its indices/],
    ['the result of a match', ['abc'.match(/b/)], [0], /beside its indices/],
    ['an object that pretends', [Object.create(Map.prototype)], [0], /looks like/],
    [
      'a getter that throws',
      {
        a: {
          get b() {
            throw new Error('a secret')
          },
        },
      },
      ['a', 'b'],
      /throws when it is read/,
    ],
    ['a proxy that throws', { a: [throwing] }, ['a', 0], /throws when it is read/],
    [
      'a bad key of a Map',
      [
        new Map<unknown, unknown>([
          [1, 1],
          [() => 1, 1],
        ]),
      ],
      [0, 1],
      /function/,
    ],
    ['a bad value of a Map', [new Map([['key', () => 1]])], [0, 'key'], /function/],
    ['a bad value of a Map under a number', [new Map([[7, () => 1]])], [0, 7], /function/],
    ['a bad item of a Set', [new Set([1, () => 1])], [0, 1], /function/],
    ['a bad property of an error', [Object.assign(new Error('x'), { code: () => 1 })], [0, 'code'], /function/],
    ['a bad item between holes', [sparse(5, { 3: () => 1 })], [0, 3], /function/],
    ['a bad item among many numbers', [[...Array.from({ length: 20 }, () => 1), () => 1]], [0, 20], /function/],
    ['an instance that holds itself', { a: cyclicBox }, ['a', 'in', 0], /holds itself/],
    ['a bigint too large', [10n ** 10_000n], [0], /10000 digits/],
    ['a bigint too small', [-(10n ** 10_000n)], [0], /10000 digits/],
    ['an array of holes too long', [sparse(1_000_001, {})], [0], /1000000/],
    ['arrays of holes too long in all', [sparse(600_000, {}), sparse(600_000, {})], [1], /1000000/],
    ['a value too deep', nest(201), Array.from({ length: 200 }, () => 0), /200 levels/],
  ])('refuses %s, and knows where it is', (_, value, steps, text) => {
    for (const write of [codec.encode.bind(codec), codec.canonical.bind(codec)]) {
      let error: unknown
      try {
        write(value)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(EncodeError)
      expect((error as EncodeError).message).toMatch(text)
      expect((error as EncodeError).message).not.toMatch(/secret/)
      expect((error as EncodeError).steps).toEqual(steps)
    }
  })

  it('keeps what is just within the limits', () => {
    expect(again(nest(200))).toEqual(nest(200))
    expect(again(nest(200, undefined))).toEqual(nest(200, undefined))
    expect(again(nest(199, new Map([[1, 1n]])))).toEqual(nest(199, new Map([[1, 1n]])))
    expect(() => codec.encode(nest(200, new Date()))).toThrow(EncodeError)
    expect(again(10n ** 10_000n - 1n)).toBe(10n ** 10_000n - 1n)
    expect(again(1n - 10n ** 10_000n)).toBe(1n - 10n ** 10_000n)
    expect(again(sparse(1_000_000, { 999_999: 1 }))).toHaveLength(1_000_000)
  })

  it('refuses what is beside the value as a whole', () => {
    for (const value of [() => 1, Symbol('x'), throwing]) {
      expect(() => codec.encode(value)).toThrow(expect.objectContaining({ steps: [] }))
      expect(() => codec.encode(value)).toThrow(EncodeError)
    }
  })
})
