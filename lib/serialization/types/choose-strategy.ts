import type { NamedTypeDefinition } from '../../options/serialization/type-definition.js'
import { loadClassTransformer } from './class-transformer.js'
import { classTransformerStrategy } from './class-transformer.strategy.js'
import { errorStrategy, isErrorClass } from './error.strategy.js'
import { ownPropertiesStrategy } from './own-properties.strategy.js'
import type { Strategy } from './strategy.interface.js'
import { hasToJson, toJsonStrategy } from './to-json.strategy.js'

/**
 * How the instances of a class are kept: as its definition says, else in the way that fits its kind.
 *
 * @throws MemoryConfigError for class-transformer where it is not installed
 */
export const chooseStrategy = (definition: NamedTypeDefinition, path: string): Strategy => {
  const { type, serialize, deserialize, transform } = definition
  if (serialize !== undefined && deserialize !== undefined) {
    return {
      serialize: (value) => serialize.call(definition, value),
      deserialize: (data) => deserialize.call(definition, data as never),
    }
  }
  if (transform !== undefined) return classTransformerStrategy(type, loadClassTransformer(`${path}.transform`))
  if (isErrorClass(type)) return errorStrategy(type)
  const own = ownPropertiesStrategy(type)
  return hasToJson(type.prototype as object) ? toJsonStrategy(type, own) : own
}
