import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { Problem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'
import { parseDuration } from '../../options/duration.js'
import { givenOption } from '../../options/given.js'
import { isOptionsObject } from '../../options/is-options-object.js'

/** What is allowed under a name, where the value is not. */
export type OptionRule = (value: unknown) => string | undefined

const PATH = /^(params|query|body|headers|data|args)(\.[^.\s]+)+$/
const ROOTS = "a path that begins with 'params.', 'query.', 'body.', 'headers.', 'data.' or 'args.', or a function"
/** What parseDuration refuses everywhere else, because there it would mean "never". */
const NOT_AT_ALL = /^0(ms|s)$/

export const fromCallRule: OptionRule = (value) =>
  typeof value === 'function' || (typeof value === 'string' && PATH.test(value)) ? undefined : ROOTS

export const functionRule: OptionRule = (value) => (typeof value === 'function' ? undefined : 'a function')

export const nameRule: OptionRule = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'the name of a memory of forFeature'

export const oneOfRule =
  (...words: readonly string[]): OptionRule =>
  (value) =>
    words.includes(value as string) ? undefined : words.map((word) => `'${word}'`).join(' or ')

/** In ms; `'0ms'` is nothing. */
export const callDuration = (value: unknown): number | undefined => {
  if (typeof value === 'string' && NOT_AT_ALL.test(value)) return 0
  const parsed = parseDuration(value)
  return 'ms' in parsed ? parsed.ms : undefined
}

export const durationRule =
  (min: number, max: number, allowed: string): OptionRule =>
  (value) => {
    const ms = callDuration(value)
    return ms !== undefined && ms >= min && ms <= max ? undefined : `a string of a number and its unit, ${allowed}`
  }

/** Checks what a decorator was given, when it is. @throws MemoryConfigError that names the decorator and the option */
export const checkOptions = (
  decorator: string,
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  required: readonly string[],
): void => {
  const names = Object.keys(rules).join(', ')
  if (!isOptionsObject(options)) {
    throw new MemoryConfigError({ path: decorator, given: valueKind(options), allowed: `an object of ${names}` })
  }
  const missing = required.filter((name) => options[name] === undefined)
  const problems = Object.entries(options).flatMap(([name, value]): Problem[] => {
    const path = `${decorator}.${name}`
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) return [{ path, given: 'an unknown name', allowed: names }]
    const allowed = value === undefined ? undefined : rule(value)
    return allowed === undefined ? [] : [{ path, given: givenOption(value), allowed }]
  })
  const absent = missing.map((name) => ({
    path: `${decorator}.${name}`,
    given: 'nothing',
    allowed: rules[name]!(undefined)!,
  }))
  if (problems.length + absent.length > 0) throw new MemoryConfigError([...absent, ...problems])
}
