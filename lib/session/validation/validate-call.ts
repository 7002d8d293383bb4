import { MemoryInvalidError } from '../../errors/memory-invalid.error.js'
import { valueKind } from '../../errors/value-kind.js'
import { parseWait } from '../../options/duration.js'

/** What stands under a name of an options object: answers what is allowed when the value is not. */
export type Rule = (value: unknown) => string | undefined

/** @throws MemoryInvalidError for anything that is not an object, an unknown name, or a value its rule refuses */
export const validateOptions = (options: unknown, path: string, rules: Readonly<Record<string, Rule>>): void => {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new MemoryInvalidError({ path, given: valueKind(options), allowed: `an object with ${names(rules)}` })
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) {
      throw new MemoryInvalidError({ path: `${path}.${name}`, given: 'an unknown name', allowed: names(rules) })
    }
    const allowed = value === undefined ? undefined : rule(value)
    if (allowed !== undefined)
      throw new MemoryInvalidError({ path: `${path}.${name}`, given: valueKind(value), allowed })
  }
}

const names = (rules: Readonly<Record<string, Rule>>): string => Object.keys(rules).join(', ')

export const positiveInteger: Rule = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : 'an integer from 1'

export const naturalNumber: Rule = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'an integer from 0'

export const operationId: Rule = (value) =>
  typeof value === 'string' && value.length >= 1 && value.length <= 256 && value.isWellFormed()
    ? undefined
    : 'a string of 1 to 256 characters'

export const VERSION = "a version from an earlier result, or '0' for what must not exist"

export const version: Rule = (value) =>
  typeof value === 'string' && /^(0|\d+-[0-9a-f]{12})$/.test(value) ? undefined : VERSION

export const readFrom: Rule = (value) =>
  value === 'master' || value === 'replica' ? undefined : "'master' or 'replica'"

/** @param range of `min` and `max`, which are in ms, in words */
export const durationWithin =
  (min: number, max: number, range: string): Rule =>
  (value) => {
    const ms = parseWait(value)
    return ms !== undefined && ms >= min && ms <= max ? undefined : `a string of a number and its unit, ${range}`
  }
