import 'reflect-metadata'
import type { TypeDefinition, TypeOption } from '../serialization-options.interface.js'
import { isOptionsObject } from '../is-options-object.js'
import { isClass } from './is-class.js'

/** Where `@MemoryType` leaves what it was given: on the class itself, so that a subclass has none of it. */
export const MEMORY_TYPE_METADATA = 'nestjs-agent-memory:type'

/** What the decorator says of a class. Not checked yet. */
const decorated = (type: unknown): Readonly<Record<string, unknown>> => {
  const metadata: unknown = isClass(type) ? Reflect.getOwnMetadata(MEMORY_TYPE_METADATA, type) : undefined
  return isOptionsObject(metadata) ? metadata : {}
}

const given = (definition: object): object =>
  Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined))

const nameOf = (type: unknown): string | undefined => (isClass(type) ? type.name : undefined)

/**
 * One form for a class, a decorated class and a definition: what the definition says, else the decorator, else the name of
 * the class. `undefined` for what is none of them; the values are not checked.
 */
export const definitionOf = (option: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (!isClass(option) && !isOptionsObject(option)) return undefined
  const definition: { readonly type?: unknown } = isClass(option) ? { type: option } : option
  const { type } = definition
  return { name: nameOf(type), ...given(decorated(type)), ...given(definition), type }
}

/** A definition with a name, of a class whose instances are objects. */
export type NamedTypeDefinition = TypeDefinition<object> & { readonly name: string }

/** The same for an option that stands checked. */
export const checkedDefinition = (option: TypeOption): NamedTypeDefinition =>
  definitionOf(option) as unknown as NamedTypeDefinition
