import type { JsonObject, JsonValue } from './json-value.interface.js'

/** Deeper values are `null`: no model reads them, and a hostile one must not end in a stack overflow. */
const MAX_DEPTH = 500

const OWN_FIELD = { enumerable: true, writable: true, configurable: true } as const

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function'

const isTooDeep = (value: object, ancestors: readonly object[]): boolean =>
  ancestors.length >= MAX_DEPTH || ancestors.includes(value)

const objectToJson = (value: object, ancestors: object[]): JsonValue => {
  if (isTooDeep(value, ancestors)) return null
  ancestors.push(value)
  const result = contentToJson(value, ancestors)
  ancestors.pop()
  return result
}

const contentToJson = (value: object, ancestors: object[]): JsonValue => {
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => valueToJson(item, ancestors))
  if (hasToJson(value)) return valueToJson(value.toJSON(), ancestors)
  const result: JsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    // Plain assignment to `__proto__` would be lost.
    if (item !== undefined) Object.defineProperty(result, key, { value: valueToJson(item, ancestors), ...OWN_FIELD })
  }
  return result
}

const valueToJson = (value: unknown, ancestors: object[]): JsonValue => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return value.toString()
    case 'object':
      return value === null ? null : objectToJson(value, ancestors)
    default:
      return null
  }
}

/**
 * A value as a model API can take it: dates as ISO texts, big integers as digits, what JSON has no word for, and what
 * refers back to where it stands in, as `null`; fields that are `undefined` are left out.
 */
export const toJsonValue = (value: unknown): JsonValue => valueToJson(value, [])

/** The JSON text of `toJsonValue(value)`. */
export const toJsonText = (value: unknown): string => JSON.stringify(toJsonValue(value))
