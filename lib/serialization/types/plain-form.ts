import { isErrorClass } from './error.strategy.js'
import type { NamedTypeDefinition } from '../../options/serialization/type-definition.js'
import type { Strategy } from './strategy.interface.js'
import { hasToJson } from './to-json.strategy.js'

/** Of an error without its stack and its causes: those are not for clients. */
const plainError = (error: object): unknown => {
  const { name, message } = error as Error
  return { name, message, ...error }
}

/** What a client that takes plain JSON gets for an instance. */
export const plainForm = (definition: NamedTypeDefinition, strategy: Strategy): ((value: object) => unknown) => {
  const { type, toJson, serialize } = definition
  if (toJson !== undefined) return (value) => toJson.call(definition, value)
  const otherwise =
    serialize === undefined && isErrorClass(type) ? plainError : (value: object): unknown => strategy.serialize(value)
  return (value) => (hasToJson(value) ? value.toJSON('') : otherwise(value))
}
