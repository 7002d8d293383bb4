import type { Class } from '../../options/serialization-options.interface.js'
import { EncodeError } from '../codec.errors.js'
import { hiddenStateTest } from './hidden-state.js'
import { namedProperties } from './plain-data.js'
import type { Strategy } from './strategy.interface.js'

const ALLOWED = 'ordinary properties; a class that holds anything else needs serialize and deserialize'

const refuse = (key: string | symbol, given: string): never => {
  throw new EncodeError(typeof key === 'symbol' ? [] : [key], given, ALLOWED)
}

const checkProperties = (value: object): void => {
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') refuse(key, 'a symbol key')
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key)
    if (descriptor?.get ?? descriptor?.set) refuse(key, 'an accessor of its own')
    if (descriptor?.enumerable === false) refuse(key, 'a property that is not enumerable')
  }
}

/** Sets the properties of an instance on a new object of its class, without running the constructor. */
export const ownPropertiesStrategy = (type: Class<object>): Strategy => {
  const prototype = type.prototype as object
  const hidesState = hiddenStateTest(type)
  const deserialize = (data: unknown): object =>
    Object.setPrototypeOf({ ...namedProperties(data) }, prototype) as object
  return {
    serialize(value) {
      checkProperties(value)
      const data = { ...value }
      if (hidesState(deserialize(data))) {
        throw new EncodeError([], 'an instance with content outside of its properties', ALLOWED)
      }
      return data
    },
    deserialize,
  }
}
