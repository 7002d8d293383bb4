import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { Problem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'
import { givenOption } from '../../options/given.js'
import { isOptionsObject } from '../../options/is-options-object.js'
import type { Rule } from '../../session/validation/validate-call.js'

const PATH = /^(params|query|body|headers|data|args)(\.[^.\s]+)+$/
const ROOTS = "a path that begins with 'params.', 'query.', 'body.', 'headers.', 'data.' or 'args.', or a function"

export const fromCallRule: Rule = (value) =>
  typeof value === 'function' || (typeof value === 'string' && PATH.test(value)) ? undefined : ROOTS

export const functionRule: Rule = (value) => (typeof value === 'function' ? undefined : 'a function')

export const nameRule: Rule = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'the name of a memory of forFeature'

export const oneOfRule =
  (...words: readonly string[]): Rule =>
  (value) =>
    words.includes(value as string) ? undefined : words.map((word) => `'${word}'`).join(' or ')

/** Checks what a decorator was given, when it is. @throws MemoryConfigError that names the decorator and the option */
export const checkOptions = (
  decorator: string,
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
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
