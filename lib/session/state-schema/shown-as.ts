import type { Class } from '../../options/serialization-options.interface.js'
import { isPlainObject } from '../validation/validate-plain-object.js'
import type { NestedRules, Place } from './nested-rules.js'

/** Plain objects under `@ValidateNested` as instances of their classes; all else is the given value itself. */
const shownValue = (value: unknown, place: Place, rules: NestedRules): unknown => {
  const shown = (item: unknown): unknown => shownValue(item, place, rules)
  if (Array.isArray(value)) return value.map(shown)
  if (value instanceof Set) return new Set(Array.from(value, shown))
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [key, shown(item)]))
  const type = isPlainObject(value) ? rules.classOf(place, value) : undefined
  return type === undefined ? value : shownAs(type, Object.entries(value as object), rules)
}

/**
 * What class-validator is shown: it finds rules by the class of an object, and what comes out of JSON has none. The values
 * are put on a new object with the prototype of the class; no constructor or setter runs, and the given values stay as
 * they are.
 */
export const shownAs = (
  type: Class<object>,
  entries: Iterable<readonly [string, unknown]>,
  rules: NestedRules,
): object => {
  const values = new Map(entries)
  const nested = rules.propertiesOf(type)
  const object = Object.fromEntries(values)
  const shown = Object.create(type.prototype as object) as object
  for (const [property, value] of values) {
    Object.defineProperty(shown, property, {
      value: nested.has(property) ? shownValue(value, { owner: type, property, object }, rules) : value,
      configurable: true,
      enumerable: true,
      writable: true,
    })
  }
  return shown
}
