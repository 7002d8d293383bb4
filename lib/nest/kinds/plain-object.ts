import { foreignName } from '../../serialization/codec/foreign.js'

export type PlainObject = Record<string, unknown>

const prototypeOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null

/** An object literal of this realm: what nearly all objects are, and quick to tell. */
export const isLiteral = (value: object): value is PlainObject => prototypeOf(value) === Object.prototype

/** An object literal, also of another realm, or an object without prototype. */
export const isPlainObject = (value: object): value is PlainObject => {
  if (isLiteral(value)) return true
  const prototype = prototypeOf(value)
  return prototype === null || foreignName(prototype) === 'Object'
}
