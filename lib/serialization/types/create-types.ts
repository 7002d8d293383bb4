import { checkedDefinition } from '../../options/serialization/type-definition.js'
import type { TypeOption } from '../../options/serialization-options.interface.js'
import { chooseStrategy } from './choose-strategy.js'
import type { Types } from './registered-type.interface.js'
import { VersionedType } from './versioned-type.js'

/**
 * Makes the registry of `serialization.types`, which stand checked.
 *
 * @throws MemoryConfigError where a class asks for class-transformer and that is not installed
 */
export function createTypes(options: readonly TypeOption[]): Types {
  const types = options.map((option, index) => {
    const definition = checkedDefinition(option)
    return new VersionedType(definition, chooseStrategy(definition, `serialization.types[${index}]`))
  })
  // An instance may shadow `constructor`, as that of a Decimal does: only its prototype says what it is.
  const byPrototype = new Map(types.map((type) => [type.type.prototype as object, type]))
  const byName = new Map(types.map((type) => [type.name, type]))
  return {
    of: (value) => byPrototype.get(Object.getPrototypeOf(value) as object),
    named: (name) => byName.get(name),
  }
}
