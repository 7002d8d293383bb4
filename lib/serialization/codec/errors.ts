import { DecodeError } from '../codec.errors.js'
import type { BuiltIn } from './built-in.interface.js'
import { ERROR_KINDS, HIDDEN_PROPERTIES } from './error-kinds.js'
import { refuse } from './refuse.js'
import type { RichReviver } from './rich-reviver.interface.js'
import type { RichWriter } from './rich-writer.interface.js'

/**
 * `["TypeError",[["stack","…"],["message","…"],["code",5]]]`: the own properties in their order. A third item says whether
 * one is enumerable, where it is not as usual.
 */
export const writeError = (writer: RichWriter, error: object, { name }: BuiltIn): string => {
  if (Object.getOwnPropertySymbols(error).length > 0) refuse('an error with a symbol key')
  const keys = Object.getOwnPropertyNames(error)
  const properties = (writer.sorted ? keys.toSorted() : keys).map((key) => {
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key)
    const visibility = enumerable === HIDDEN_PROPERTIES.has(key) ? `,${enumerable}` : ''
    return `[${JSON.stringify(key)},${writer.property(error, key)}${visibility}]`
  })
  return writer.tag('error', `["${name}",[${properties.join(',')}]]`)
}

const kinds = new Map<string, () => Error>(
  ERROR_KINDS.map((type) => [
    type.name,
    () => (type === AggregateError ? new AggregateError([]) : new (type as ErrorConstructor)()),
  ]),
)

const makeBare = (name: unknown): Error => {
  const make = typeof name === 'string' ? kinds.get(name) : undefined
  if (make === undefined) throw new DecodeError('an error of no known kind')
  const error = make()
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key)
  return error
}

const reviveProperty = (error: Error, property: unknown, reviver: RichReviver): void => {
  if (!Array.isArray(property) || property.length < 2 || property.length > 3) {
    throw new DecodeError('an error with a property that is none')
  }
  const [key, value, enumerable] = property as unknown[]
  if (typeof key !== 'string' || Object.hasOwn(error, key))
    throw new DecodeError('an error with a property that is none')
  if (property.length === 3 && enumerable !== HIDDEN_PROPERTIES.has(key)) {
    throw new DecodeError('an error with a property that is none')
  }
  Object.defineProperty(error, key, {
    value: reviver.part(value),
    enumerable: property.length === 3 ? enumerable === true : !HIDDEN_PROPERTIES.has(key),
    configurable: true,
    writable: true,
  })
}

export const reviveError = (content: unknown, reviver: RichReviver): Error => {
  if (!Array.isArray(content) || content.length !== 2 || !Array.isArray(content[1])) {
    throw new DecodeError('an error that is none')
  }
  const error = reviver.meet(makeBare(content[0]))
  for (const property of content[1] as unknown[]) reviveProperty(error, property, reviver)
  return error
}
