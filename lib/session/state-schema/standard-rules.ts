import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { PathStep } from '../../serialization/codec.errors.js'
import type { Breach, StateRules } from './state-rules.interface.js'

/** What looks like a name that a library gives to a rule (`invalid_type`), and not like a sentence. */
const RULE_NAME = /^[a-z][a-z_]{0,39}$/i

const stepOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): PathStep => {
  const key = typeof segment === 'object' ? segment.key : segment
  return typeof key === 'number' ? key : String(key)
}

/** The standard knows no names of rules; most libraries have a `code` beside what it asks for. */
const ruleNames = (issue: StandardSchemaV1.Issue): string[] =>
  'code' in issue && typeof issue.code === 'string' && RULE_NAME.test(issue.code) ? [issue.code] : []

const breachOf = (issue: StandardSchemaV1.Issue): Breach => {
  const [field, ...steps] = (issue.path ?? []).map(stepOf)
  return {
    steps: field === undefined ? [] : [String(field), ...steps],
    rules: ruleNames(issue),
    message: issue.message,
  }
}

/** The rules of a Standard Schema. What it transforms or coerces is dropped: the given values are what is kept. */
export const standardRules = (schema: StandardSchemaV1): StateRules => ({
  fields: undefined,
  breaches: async (values) => {
    const { issues } = await schema['~standard'].validate(Object.fromEntries(values))
    return (issues ?? []).map(breachOf).filter(({ steps: [field] }) => field === undefined || values.has(field))
  },
})
