import { foreignName } from './foreign.js'

/** An object literal, also of another realm. One without prototype is something else. */
export const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === Object.prototype || (prototype !== null && foreignName(prototype) === 'Object')
}
