import type { Class } from '../../options/serialization-options.interface.js'
import { DecodeError, EncodeError } from '../codec.errors.js'
import { privateStateTest } from './hidden-state.js'
import { namedProperties } from './plain-data.js'
import type { Strategy } from './strategy.interface.js'

const ALLOWED = 'ordinary properties; a class that holds anything else needs serialize and deserialize'

const valueOf = (error: object, key: string): unknown => {
  const descriptor = Reflect.getOwnPropertyDescriptor(error, key)
  // The engine may keep the stack behind an accessor.
  if (descriptor === undefined || 'value' in descriptor || key === 'stack') return Reflect.get(error, key)
  throw new EncodeError([key], 'an accessor of its own', 'ordinary properties')
}

const keysOf = (error: object): string[] =>
  Reflect.ownKeys(error).map((key) => {
    if (typeof key === 'string') return key
    throw new EncodeError([], 'a symbol key', 'string keys')
  })

const pairOf = (data: unknown): readonly [Readonly<Record<string, unknown>>, ReadonlySet<unknown>] => {
  const pair: readonly unknown[] = Array.isArray(data) ? data : []
  const [properties, hidden] = pair
  if (pair.length !== 2 || !Array.isArray(hidden)) throw new DecodeError('no properties of an error')
  return [namedProperties(properties), new Set<unknown>(hidden)]
}

/** Whether instances of a class are errors to the language, which knows them by more than their prototype. */
export const isErrorClass = (type: Class<object>): boolean => Error.prototype.isPrototypeOf(type.prototype as object)

/**
 * The own properties of an error in their order (stack, message, cause, errors and what a subclass adds), and the names of
 * those that are not enumerable. The constructor of the subclass does not run.
 */
export const errorStrategy = (type: Class<object>): Strategy => {
  const hidesState = privateStateTest(type)
  const deserialize = (data: unknown): object => {
    const [properties, hidden] = pairOf(data)
    const error = Reflect.construct(Error, [], type) as object
    // Its stack would be that of reading it.
    for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key)
    for (const key of Object.keys(properties)) {
      const value = properties[key]
      Reflect.defineProperty(error, key, {
        value,
        enumerable: !hidden.has(key),
        writable: true,
        configurable: true,
      })
    }
    return error
  }
  return {
    serialize(error) {
      const keys = keysOf(error)
      const hidden = keys.filter((key) => !Object.prototype.propertyIsEnumerable.call(error, key))
      const data = [Object.fromEntries(keys.map((key) => [key, valueOf(error, key)])), hidden]
      if (hidesState(deserialize(data))) throw new EncodeError([], 'an error with private members', ALLOWED)
      return data
    },
    deserialize,
  }
}
