import { isDeepStrictEqual } from 'node:util'
import { valueKind } from '../../errors/value-kind.js'
import type { Class } from '../../options/serialization-options.interface.js'
import { DecodeError, EncodeError } from '../codec.errors.js'
import { foreignNumberTest } from './number-class.js'
import type { Strategy } from './strategy.interface.js'

interface WithToJson {
  toJSON(key?: string): unknown
}

export const hasToJson = (value: object): value is WithToJson => 'toJSON' in value && typeof value.toJSON === 'function'

const isPrimitive = (data: unknown): data is string | number => typeof data === 'string' || typeof data === 'number'

const isSame = (one: object, other: unknown, data: string | number): boolean =>
  isDeepStrictEqual(one, other) && hasToJson(one) && Object.is(one.toJSON(), data)

/**
 * By the string or number that `toJSON` gives and the constructor takes, as of a Decimal; by `otherwise` where it gives
 * something else. That the constructor really makes the same of it is tried with every instance: for many classes `toJSON`
 * is no more than a way to show themselves.
 */
export const toJsonStrategy = (type: Class<object>, otherwise: Strategy): Strategy => {
  const construct = (data: string | number): object => Reflect.construct(type, [data]) as object
  const isForeign = foreignNumberTest(type)
  return {
    serialize(value) {
      const data = hasToJson(value) ? value.toJSON() : undefined
      if (!isPrimitive(data)) return otherwise.serialize(value)
      if (isSame(construct(data), value, data)) return data
      const allowed = 'one that comes back out of what its toJSON gives; or serialize and deserialize for its class'
      throw new EncodeError([], `${valueKind(value)} that its constructor makes another one of`, allowed)
    },
    deserialize(data) {
      if (isForeign(data)) throw new DecodeError(`the digits of a number expected, ${valueKind(data)} found`)
      return isPrimitive(data) ? construct(data) : otherwise.deserialize(data)
    },
  }
}
