import { validate, type ValidationError } from 'class-validator'
import type { Class } from '../../options/serialization-options.interface.js'
import type { PathStep } from '../../serialization/codec.errors.js'
import { shownAs } from './shown-as.js'
import { NestedRules, rulesOf } from './nested-rules.js'
import type { Breach, BreachPath, StateRules } from './state-rules.interface.js'

const UNKNOWN_CLASS =
  'an instance of a class with rules; a plain object only where the type of the property, or @Type of class-transformer, names the class'

/** Items of an array or a Set come with their index as a text. */
const stepOf = ({ property, target }: ValidationError): PathStep =>
  Array.isArray(target) || target instanceof Set ? Number(property) : property

const below = (above: BreachPath, error: ValidationError): BreachPath => {
  // An object whose class has no rules comes back without a property of its own, as a child of the property it is in.
  if ((error.property as string | undefined) === undefined) return above
  const [field, ...steps] = above
  return field === undefined ? [error.property] : [field, ...steps, stepOf(error)]
}

function* breachesIn(errors: readonly ValidationError[], above: BreachPath): Generator<Breach> {
  for (const error of errors) {
    const { constraints = {}, children = [] } = error
    const steps = below(above, error)
    const rules = Object.keys(constraints)
    const message = 'unknownValue' in constraints ? UNKNOWN_CLASS : Object.values(constraints).join('; ')
    if (rules.length > 0) yield { steps, rules, message }
    yield* breachesIn(children, steps)
  }
}

/** The rules that the decorators of class-validator give to a class. */
export const classRules = (State: Class<object>): StateRules => {
  const nested = new NestedRules()
  return {
    fields: new Set(rulesOf(State).map(({ propertyName }) => propertyName)),
    breaches: async (values) => {
      const errors = await validate(shownAs(State, values, nested), { forbidUnknownValues: true })
      return [...breachesIn(errors, [])].filter(({ steps: [field] }) => field === undefined || values.has(field))
    },
  }
}
