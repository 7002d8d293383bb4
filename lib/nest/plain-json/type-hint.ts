import type { TypeHint } from '../class-transformer/class-transformer.interface.js'
import { isPlainObject } from '../kinds/plain-object.js'

const PRIMITIVES: ReadonlyMap<unknown, (value: unknown) => unknown> = new Map<unknown, (value: unknown) => unknown>([
  [String, String],
  [Number, Number],
  [Boolean, Boolean],
])

const isCollection = (value: unknown): boolean => Array.isArray(value) || value instanceof Set || value instanceof Map

/** What `@Type(() => String)` and its like make of a single value: the primitive, or a Date. */
export const primitiveByHint = (value: unknown, hint: TypeHint): unknown => {
  if (value === null || value === undefined || isCollection(value)) return value
  const primitive = PRIMITIVES.get(hint)
  if (primitive !== undefined) return primitive(value)
  return hint === Date && !(value instanceof Date) ? new Date(value as string | number) : value
}

/** Puts the name of an item's class into what stands for the item, where `@Type` names a discriminator. */
export const discriminatorOf = (
  hint: TypeHint | undefined,
): ((item: unknown, json: unknown) => object | undefined) | undefined => {
  if (typeof hint !== 'object') return undefined
  const { property, subTypes } = hint.options.discriminator
  return (item, json) => {
    if (typeof item !== 'object' || item === null) return undefined
    const name = subTypes.find(({ value }) => value === item.constructor)?.name
    const isObject = typeof json === 'object' && json !== null && isPlainObject(json)
    return name === undefined || !isObject ? undefined : { ...json, [property]: name }
  }
}
