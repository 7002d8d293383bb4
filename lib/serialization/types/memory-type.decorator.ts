import 'reflect-metadata'
import type { Class, TypeDefinition } from '../../options/serialization-options.interface.js'
import { MEMORY_TYPE_METADATA } from '../../options/serialization/type-definition.js'

/**
 * Says at the class itself how its instances are kept: under which name, or with the options of a definition. The class
 * still has to be named in `serialization.types`, and what stands there goes before. A subclass has none of it.
 *
 *     @MemoryType('Money')
 *     class Money { … }
 *
 * @publicApi
 */
export const MemoryType =
  <T = unknown>(nameOrDefinition: string | Omit<TypeDefinition<T>, 'type'>) =>
  (type: Class<T>): void => {
    const definition = typeof nameOrDefinition === 'object' ? { ...nameOrDefinition } : { name: nameOrDefinition }
    Reflect.defineMetadata(MEMORY_TYPE_METADATA, definition, type)
  }
