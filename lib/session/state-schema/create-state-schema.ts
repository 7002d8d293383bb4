import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { StateOption } from '../../options/state-option.interface.js'
import { classRules } from './class-rules.js'
import { RuledStateSchema } from './ruled-state-schema.js'
import { standardRules } from './standard-rules.js'
import type { StateRules } from './state-rules.interface.js'
import type { StateSchema } from './state-schema.interface.js'

/** Some libraries make schemas that are functions, or classes: what follows the standard is taken as such. */
const rulesOf = (option: StateOption): StateRules =>
  '~standard' in option ? standardRules(option) : classRules(option)

/**
 * The rules for session state out of the option `state`.
 *
 * @throws MemoryConfigError for a class that class-validator has no rules for
 */
export const createStateSchema = (option: StateOption | undefined): StateSchema | undefined => {
  if (option === undefined) return undefined
  const rules = rulesOf(option)
  if (rules.fields?.size === 0) {
    const allowed = 'a class with decorators of class-validator on its fields: without them, nothing could be written'
    throw new MemoryConfigError({ path: 'state', given: 'a class without rules', allowed })
  }
  return new RuledStateSchema(rules)
}
