import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { formatPath } from '../../serialization/codec.errors.js'
import { attributedBreaches } from './attribution.js'
import { allowedBy, noSuchField, reasonOf } from './breach-text.js'
import type { Breach, StateRules } from './state-rules.interface.js'
import type { StateSchema } from './state-schema.interface.js'
import { kindAt, kindOf } from './value-at.js'

/** Reads the fields once, so that a getter cannot answer each rule differently. */
const fieldsOf = (values: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> => {
  const fields = new Map<string, unknown>()
  let path = 'values'
  try {
    for (const field of Object.keys(values)) {
      path = formatPath('values', [field])
      fields.set(field, values[field])
    }
    return fields
  } catch (error) {
    const given = `a value that cannot be read: it throws ${kindOf(error)}`
    throw new MemoryInvalidError({ path, given, allowed: 'a value' })
  }
}

export class RuledStateSchema implements StateSchema {
  constructor(private readonly rules: StateRules) {}

  async check(values: Readonly<Record<string, unknown>>): Promise<void> {
    const given = fieldsOf(values)
    this.refuseUnknown(given)
    const breaches = await attributedBreaches(this.rules, given)
    const first = firstOf(breaches, given)
    if (first === undefined) return
    const path = formatPath('values', first.steps)
    throw new MemoryInvalidError({
      path,
      given: first.steps.length === 0 ? `values of ${given.size} fields` : kindAt(given, first.steps),
      allowed: allowedBy(first, path, given.values()),
    })
  }

  async problems(values: ReadonlyMap<string, unknown>): Promise<ReadonlyMap<string, string>> {
    const { fields } = this.rules
    // A field without rules was written under another form of the schema, maybe by a newer release beside this one.
    const ruled = fields === undefined ? values : new Map([...values].filter(([field]) => fields.has(field)))
    const reasons = new Map<string, string>()
    if (ruled.size === 0) return reasons
    for (const breach of await attributedBreaches(this.rules, ruled)) {
      const [field] = breach.steps
      if (field !== undefined && !reasons.has(field)) reasons.set(field, reasonOf(breach))
    }
    return reasons
  }

  private refuseUnknown(given: ReadonlyMap<string, unknown>): void {
    const { fields } = this.rules
    if (fields === undefined) return
    for (const [field, value] of given) {
      if (fields.has(field)) continue
      const path = formatPath('values', [field])
      throw new MemoryInvalidError({ path, given: kindOf(value), allowed: noSuchField(field, [...fields]) })
    }
  }
}

/** In the order in which the fields were given; what concerns several fields comes last. */
const firstOf = (breaches: readonly Breach[], given: ReadonlyMap<string, unknown>): Breach | undefined => {
  const byField = new Map(breaches.toReversed().map((breach) => [breach.steps[0], breach]))
  const field = [...given.keys(), undefined].find((candidate) => byField.has(candidate))
  return byField.get(field)
}
