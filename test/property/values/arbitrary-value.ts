import * as fc from 'fast-check'

type Maker = fc.Arbitrary<unknown>

/** Keys that JSON, JavaScript or the tags give a meaning to, beside any others. */
const key = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 6 }) },
  fc.constantFrom('__proto__', 'constructor', 'toString', 'toJSON', 'then', 'length', '', '0', '1', '4294967295'),
  fc.constantFrom('$', '$$', '$date', '$ref', '$$ref', '$map', '$type', '$null', '~'),
)

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom('2031-03-10T00:00:00.000Z', '$ref', '"$ref"', '~', '{"$date":null}', '\ud800', '\u2028'),
)

const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, 2 ** 53))
const primitive = fc.oneof(text, number, fc.boolean(), fc.constantFrom(null, undefined), fc.bigInt())

const date = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.integer({ min: -8.64e15, max: 8.64e15 }).map((time) => new Date(time)),
)

const bytes = fc.uint8Array({ maxLength: 24 }).chain((array) => {
  const padded = new Uint8Array(array.length * 8 + 8)
  padded.set(array, 8)
  return fc.constantFrom<object>(
    array,
    Buffer.from(array),
    padded.buffer,
    new DataView(padded.buffer, 3, array.length),
    new Uint8ClampedArray(array),
    new Int8Array(array),
    new Uint16Array(padded.buffer, 2, array.length),
    new Int16Array(array),
    new Uint32Array(array),
    new Int32Array(padded.buffer, 4, array.length),
    new Float32Array(padded.buffer, 4, array.length),
    new Float64Array(padded.buffer, 8, array.length),
    new BigInt64Array(padded.buffer, 8, array.length),
    new BigUint64Array(padded.buffer),
  )
})

const regExp = fc
  .record({
    source: fc.constantFrom('a', '', '/', '\\/', '[/"]', '\n', '☕', '(?<year>\\d+)'),
    flags: fc.constantFrom('', 'g', 'giu', 'y', 'dms'),
    lastIndex: fc.nat(),
  })
  .map(({ source, flags, lastIndex }) => Object.assign(new RegExp(source, flags), { lastIndex }))

const url = fc.webUrl({ withQueryParameters: true, withFragments: true }).map((href) => new URL(href))

/** With own keys only, `__proto__` too. */
const objectOf = (entries: readonly (readonly [string, unknown])[], prototype: object | null): object => {
  const object = Object.create(prototype) as object
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

const sparseOf = (items: readonly (readonly [number, unknown])[], length: number): unknown[] => {
  const array: unknown[] = []
  for (const [index, item] of items) array[index] = item
  array.length = Math.max(array.length, length)
  return array
}

const ERRORS = [Error, TypeError, RangeError, SyntaxError, URIError, EvalError, ReferenceError]

const errorOf = (
  kind: number,
  entries: readonly (readonly [string, unknown])[],
  cause: unknown,
  more: unknown[],
): Error => {
  const type = ERRORS[kind]
  const error = type === undefined ? new AggregateError(more, 'many', { cause }) : new type('an error', { cause })
  for (const [name, value] of entries) {
    // Without their own `stack`, errors are the same on every run.
    Object.defineProperty(error, name, { value, enumerable: kind % 2 === 0, configurable: true, writable: true })
  }
  return error
}

const containers = (item: Maker): Maker => {
  const entries = fc.array(fc.tuple(key, item), { maxLength: 5 })
  return fc.oneof(
    { weight: 4, arbitrary: entries.map((pairs) => objectOf(pairs, Object.prototype)) },
    { weight: 4, arbitrary: fc.array(item, { maxLength: 6 }) },
    entries.map((pairs) => objectOf(pairs, null)),
    fc.array(number, { minLength: 14, maxLength: 20 }),
    fc.array(fc.tuple(item, item), { maxLength: 5 }).map((pairs) => new Map(pairs)),
    fc.array(item, { maxLength: 5 }).map((items) => new Set(items)),
    fc
      .tuple(fc.array(fc.tuple(fc.nat(12), item), { maxLength: 5 }), fc.nat(20))
      .map(([items, length]) => sparseOf(items, length)),
    fc
      .tuple(fc.nat(ERRORS.length), entries, item, fc.array(item, { maxLength: 3 }))
      .map(([kind, pairs, cause, more]) => errorOf(kind, pairs, cause, more)),
  )
}

/** Puts a container into another one, or into itself. */
const join = (into: unknown, container: unknown): void => {
  if (Array.isArray(into)) into.push(container)
  else if (into instanceof Map) into.set(container, container)
  else if (into instanceof Set) into.add(container)
  else if (into instanceof Error) into.cause = container
  else if (typeof into === 'object' && into !== null && isPlain(into))
    Object.assign(into, { again: container, $ref: container })
}

const isPlain = (value: object): boolean =>
  Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype

/** Objects within a value, itself included; at most `limit`. None within instances, which must not hold themselves. */
const objectsIn = (value: unknown, limit: number): object[] => {
  const found = new Set<object>()
  const look = (inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null || found.size >= limit || found.has(inner)) return
    found.add(inner)
    if (inner instanceof Map) for (const pair of inner) pair.forEach(look)
    else if (inner instanceof Set) inner.forEach(look)
    else if (Array.isArray(inner) || inner instanceof Error || isPlain(inner))
      for (const name of Reflect.ownKeys(inner)) look((inner as Record<PropertyKey, unknown>)[name])
  }
  look(value)
  return [...found]
}

/**
 * Any value that can be kept without registering a class: rich values in each other, shared and cyclic references.
 * `classes` are instances of registered classes to be among them.
 */
export const arbitraryValue = (classes: readonly Maker[] = []): Maker => {
  const leaf = fc.oneof({ weight: 5, arbitrary: primitive }, date, bytes, regExp, url, ...classes)
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 5, depthSize: 'small' }, leaf, containers(tie('tree'))),
  }))
  const knots = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 3 })
  return fc.tuple(tree, fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, knots)).map(([value, pairs]) => {
    const objects = objectsIn(value, 40)
    for (const [into, container] of objects.length === 0 ? [] : pairs) {
      join(objects[into % objects.length], objects[container % objects.length])
    }
    return value
  })
}
