import { types } from 'node:util'

type Seen = Map<object, object>

const bytesOf = (value: ArrayBufferView | ArrayBuffer): Buffer =>
  types.isArrayBuffer(value) ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength)

const areSameItems = (one: readonly unknown[], other: readonly unknown[], seen: Seen): boolean =>
  one.length === other.length && one.every((item, index) => isSame(item, other[index], seen))

const areSameProperties = (one: object, other: object, seen: Seen): boolean => {
  const keys = Reflect.ownKeys(one)
  return (
    areSameItems(keys, Reflect.ownKeys(other), seen) &&
    keys.every((key) => {
      const [left, right] = [one, other].map((object) => Object.getOwnPropertyDescriptor(object, key))
      const read = (object: object): unknown => (object as Record<PropertyKey, unknown>)[key]
      return left?.enumerable === right?.enumerable && isSame(read(one), read(other), seen)
    })
  )
}

const areSameInside = (one: object, other: object, seen: Seen): boolean => {
  if (types.isDate(one)) return Object.is(one.getTime(), (other as Date).getTime())
  if (types.isRegExp(one)) return one.source === (other as RegExp).source && one.flags === (other as RegExp).flags
  if (one instanceof URL) return one.href === (other as URL).href
  if (types.isMap(one)) return areSameItems([...one].flat(1), [...(other as Map<unknown, unknown>)].flat(1), seen)
  if (types.isSet(one)) return areSameItems([...one], [...(other as Set<unknown>)], seen)
  return true
}

const isSame = (one: unknown, other: unknown, seen: Seen): boolean => {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return Object.is(one, other)
  const known = seen.get(one)
  if (known !== undefined || seen.has(other)) return known === other
  seen.set(one, other)
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (Array.isArray(one) !== Array.isArray(other) || types.isNativeError(one) !== types.isNativeError(other))
    return false
  if (ArrayBuffer.isView(one) || types.isArrayBuffer(one)) return bytesOf(one).equals(bytesOf(other as Buffer))
  return areSameInside(one, other, seen) && areSameProperties(one, other, seen)
}

/**
 * Whether nothing tells two values apart but that they are two: prototypes, order of keys, holes, -0, invalid dates, and
 * which containers are one and the same. Stricter than `isDeepStrictEqual`, which also says no to two invalid dates.
 */
export const isSameValue = (one: unknown, other: unknown): boolean => isSame(one, other, new Map())
