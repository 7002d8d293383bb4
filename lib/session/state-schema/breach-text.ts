import { nearestName } from '../../options/nearest-name.js'
import { formatPath, type PathStep } from '../../serialization/codec.errors.js'
import { repeatsValues } from './repeats-values.js'
import type { Breach } from './state-rules.interface.js'

const MAX_MESSAGE = 300
const MAX_NAMES = 20
/** What a field or a property is called; the keys of a record may be anything, also what a user wrote. */
const NAME = /^[A-Za-z_$][\w$]{0,39}$/

const named = (rules: readonly string[]): string => (rules.length === 0 ? '' : ` (${rules.join(', ')})`)

const shortened = (text: string): string => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text)

/** What a field may hold, for the caller whose values broke a rule. */
export const allowedBy = ({ rules, message, thrown }: Breach, path: string, values: Iterable<unknown>): string => {
  if (thrown !== undefined) return `what the state schema can check; it threw ${thrown}`
  const isSafe = message !== '' && !repeatsValues(message, values, path)
  return `${isSafe ? shortened(message) : "what the schema's rule allows"}${named(rules)}`
}

/** For a field that the schema does not know. */
export const noSuchField = (field: string, known: readonly string[]): string => {
  const nearest = nearestName(field, known)
  const hint = nearest === undefined ? '' : `did you mean ${nearest}? `
  const rest = known.length > MAX_NAMES ? ` and ${known.length - MAX_NAMES} more` : ''
  return `nothing, as the state schema has no rule for this field; ${hint}its fields are ${known.slice(0, MAX_NAMES).join(', ')}${rest}`
}

const shownStep = (step: PathStep): PathStep => (typeof step === 'number' || NAME.test(step) ? step : '…')

/** Why a value that was read does not count; for logs, so without anything that was stored. */
export const reasonOf = ({ steps, rules, thrown }: Breach): string => {
  const place = formatPath('', steps.map(shownStep)).replace(/^\./, '')
  return thrown === undefined
    ? `breaks the state schema at ${place}${named(rules)}`
    : `cannot be checked: the state schema threw ${thrown} at ${place}`
}
