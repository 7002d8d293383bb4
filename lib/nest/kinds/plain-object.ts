import { foreignName } from '../../serialization/codec/foreign.js'

export type PlainObject = Record<string, unknown>

/** An object literal, also of another realm, or an object without prototype. */
export const isPlainObject = (value: object): value is PlainObject => {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || prototype === Object.prototype || foreignName(prototype) === 'Object'
}
