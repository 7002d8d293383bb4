export type PlainObject = Record<string, unknown>

const prototypeOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null

/** An object literal, also of another realm, or an object without prototype. */
export const isPlainObject = (value: object): value is PlainObject => {
  const prototype = prototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return true
  return prototypeOf(prototype) === null && prototype.constructor?.name === 'Object'
}

/** An assignment to `__proto__` would set the prototype instead of a key. */
export const setOwn = (target: PlainObject, key: string, value: unknown): void => {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}
