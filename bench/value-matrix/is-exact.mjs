import { types } from 'node:util'

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'

/** What a value of a built-in class holds besides its properties, as primitives and values to compare on. */
const contentOf = (value) => {
  if (types.isMap(value)) return [...value].flat()
  if (types.isSet(value)) return [...value]
  if (types.isDate(value)) return [value.getTime()]
  if (types.isRegExp(value)) return [value.source, value.flags]
  if (types.isBoxedPrimitive(value)) return [value.valueOf()]
  if (types.isAnyArrayBuffer(value)) return [value.resizable === true, ...new Uint8Array(value)]
  if (types.isDataView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
  if (value instanceof URL || value instanceof URLSearchParams) return [value.toString()]
  // Not seen from outside but by what a class shows of it.
  if ('balance' in value) return [value.balance]
  return []
}

const natureOf = (value) =>
  [
    typeof value,
    Object.prototype.toString.call(value),
    types.isNativeError(value),
    types.isExternal(value),
    Array.isArray(value),
  ].join()

const isEnumerable = (object, key) => Object.prototype.propertyIsEnumerable.call(object, key)

const sameKeys = (one, other) => {
  const [keys, others] = [Reflect.ownKeys(one), Reflect.ownKeys(other)]
  return (
    keys.length === others.length &&
    keys.every((key, index) => key === others[index] && isEnumerable(one, key) === isEnumerable(other, key))
  )
}

/** Which bytes a value shows; those of a Buffer stand in a pool, beside others. */
const stretchOf = (value) =>
  types.isAnyArrayBuffer(value)
    ? { buffer: value, start: 0, end: value.byteLength }
    : { buffer: value.buffer, start: value.byteOffset, end: value.byteOffset + value.byteLength }

const overlap = (one, other) => one.buffer === other.buffer && one.start < other.end && other.start < one.end

/** Keeps which bytes were met: two values that show the same ones change with each other, and have to go on to. */
class Stretches {
  #met = []

  /** Whether the pair overlaps with the pairs before it on both sides alike. */
  meet(one, other) {
    const [stretch, otherStretch] = [stretchOf(one), stretchOf(other)]
    const alike = this.#met.every(
      ([before, otherBefore]) => overlap(stretch, before) === overlap(otherStretch, otherBefore),
    )
    this.#met.push([stretch, otherStretch])
    return alike
  }
}

/** Keeps which object stands for which, in both directions: two that were one, or one that were two, are told apart. */
class Pairs {
  #forth = new Map()
  #back = new Map()

  /** `undefined` for a pair not seen before. */
  meet(one, other) {
    if (!this.#forth.has(one) && !this.#back.has(other)) {
      this.#forth.set(one, other)
      this.#back.set(other, one)
      return undefined
    }
    return this.#forth.get(one) === other && this.#back.get(other) === one
  }
}

/**
 * Whether a value that came back is what went in: by prototype, own keys with their order and enumerability, -0, NaN,
 * holes, content, and which references are the same. Properties are compared by what reading them gives. It keeps a list of
 * what is left to compare, so that no depth is too much for it.
 */
export const isExact = (back, original) => {
  const pairs = new Pairs()
  const stretches = new Stretches()
  const left = [[back, original]]
  while (left.length > 0) {
    const [one, other] = left.pop()
    if (!isObject(one) || !isObject(other)) {
      if (!Object.is(one, other)) return false
      continue
    }
    const met = pairs.meet(one, other)
    if (met === false) return false
    if (met === true) continue
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
    if (natureOf(one) !== natureOf(other) || !sameKeys(one, other)) return false
    const [content, otherContent] = [contentOf(one), contentOf(other)]
    if (content.length !== otherContent.length) return false
    content.forEach((item, index) => left.push([item, otherContent[index]]))
    const isBytes = ArrayBuffer.isView(one) || types.isAnyArrayBuffer(one)
    if (isBytes && !stretches.meet(one, other)) return false
    for (const key of Reflect.ownKeys(one)) left.push([one[key], other[key]])
  }
  return true
}
