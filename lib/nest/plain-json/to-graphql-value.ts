import { types as kinds } from 'node:util'
import { setOwn } from '../../serialization/codec/own-property.js'
import type { Types } from '../../serialization/types/registered-type.interface.js'
import { isStreamed } from '../kinds/streamed.js'
import { builtInText } from '../../serialization/built-in.js'
import { isPlainObject, type PlainObject } from '../kinds/plain-object.js'

/**
 * What GraphQL can resolve fields of: leaves as in plain JSON, but Dates for date scalars, functions that resolve fields,
 * Errors and promises stay, and so do instances of classes, for `resolveType` and field resolvers: as they are, with all
 * they hold. Cycles are fine: GraphQL goes only where a query does. What needs no change is handed back as it is.
 */
export const toGraphqlValue = (value: unknown, types: Pick<Types, 'of'>): unknown => new Walk(types).value(value)

class Walk {
  private readonly done = new Map<object, unknown>()

  constructor(private readonly types: Pick<Types, 'of'>) {}

  value(value: unknown): unknown {
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
    if (typeof value !== 'object' || value === null) return value
    if (this.done.has(value)) return this.done.get(value)
    this.done.set(value, value)
    const made = this.object(value)
    this.done.set(value, made)
    return made
  }

  private object(value: object): unknown {
    if (Array.isArray(value)) return this.array(value)
    if (isPlainObject(value)) return isStreamed(value) ? value : this.members(value)
    const registered = this.types.of(value)
    if (registered !== undefined) return this.registered(value, registered.toJson(value))
    if (kinds.isDate(value)) return value
    if (kinds.isMap(value) || kinds.isSet(value)) return this.array([...value])
    return builtInText(value) ?? value
  }

  /** A class with members may be an object type of the schema. */
  private registered(value: object, json: unknown): unknown {
    if (typeof json !== 'object' || json === null) return this.value(json)
    return isPlainObject(json) ? value : this.value(json)
  }

  private array(array: readonly unknown[]): unknown {
    const made = array.map((item) => this.value(item))
    return made.some((item, index) => !Object.is(item, array[index])) ? made : array
  }

  private members(object: PlainObject): PlainObject {
    const entries = Object.entries(object).map(([key, member]) => [key, member, this.value(member)] as const)
    if (entries.every(([, member, made]) => Object.is(member, made))) return object
    const copy = Object.create(Object.getPrototypeOf(object) as object | null) as PlainObject
    for (const [key, , made] of entries) setOwn(copy, key, made)
    return copy
  }
}
