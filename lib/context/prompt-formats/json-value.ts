import { types as kinds } from 'node:util'
import { builtInText } from '../../serialization/built-in.js'
import type { Types } from '../../serialization/types/registered-type.interface.js'
import type { JsonObject, JsonValue } from './json-value.interface.js'

/** The classes whose instances say themselves what they are in JSON. */
export type JsonTypes = Pick<Types, 'of'>

const NO_TYPES: JsonTypes = { of: () => undefined }

/** Deeper values are `null`: no model reads them, and a hostile one must not end in a stack overflow. */
const MAX_DEPTH = 500

/** An object that stands in many places is told in each, and some bytes of references may stand for more than there is memory. */
const MAX_VALUES = 1_000_000

const OWN_FIELD = { enumerable: true, writable: true, configurable: true } as const

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function'

const isTooDeep = (value: object, ancestors: readonly object[]): boolean =>
  ancestors.length >= MAX_DEPTH || ancestors.includes(value)

class Walk {
  private readonly ancestors: object[] = []
  private told = 0

  constructor(private readonly types: JsonTypes) {}

  value(value: unknown): JsonValue {
    this.told += 1
    if (this.told > MAX_VALUES) return null
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) ? value : null
      case 'bigint':
        return value.toString()
      case 'object':
        return value === null ? null : this.object(value)
      default:
        return null
    }
  }

  private object(value: object): JsonValue {
    if (isTooDeep(value, this.ancestors)) return null
    this.ancestors.push(value)
    const result = this.content(value)
    this.ancestors.pop()
    return result
  }

  private content(value: object): JsonValue {
    if (Array.isArray(value)) return this.items(value)
    const registered = this.types.of(value)
    if (registered !== undefined) return this.value(registered.toJson(value))
    const text = builtInText(value)
    if (text !== undefined) return text
    if (kinds.isMap(value) || kinds.isSet(value)) return this.items([...value])
    if (kinds.isNativeError(value)) return { name: value.name, message: value.message }
    if (hasToJson(value)) return this.value(value.toJSON())
    const result: JsonObject = {}
    for (const [key, item] of Object.entries(value)) {
      // Plain assignment to `__proto__` would be lost.
      if (item !== undefined) Object.defineProperty(result, key, { value: this.value(item), ...OWN_FIELD })
    }
    return result
  }

  private items(items: readonly unknown[]): JsonValue[] {
    return Array.from(items, (item) => this.value(item))
  }
}

/**
 * A value as a model API can take it: dates as ISO texts, big integers as digits, bytes as base64, arrays for Map (of pairs)
 * and Set, instances of registered classes as their types say; what JSON has no word for, and what refers back to where it
 * stands in, as `null`; fields that are `undefined` are left out.
 */
export const toJsonValue = (value: unknown, types: JsonTypes = NO_TYPES): JsonValue => new Walk(types).value(value)

/** The JSON text of `toJsonValue(value)`. */
export const toJsonText = (value: unknown): string => JSON.stringify(toJsonValue(value))
