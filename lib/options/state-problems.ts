import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { builtInName, isClass } from './serialization/is-class.js'

const ALLOWED =
  'a class with decorators of class-validator, or a Standard Schema (version 1) of an object, as of zod, valibot or arktype'

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Says in which way what is offered under `~standard` is no schema that can be asked. */
const standardProblem = (standard: unknown): string | undefined => {
  if (!isObject(standard)) return `a schema whose '~standard' is ${valueKind(standard)}`
  if (!('version' in standard) || standard.version !== 1) return 'a Standard Schema of another version'
  return 'validate' in standard && typeof standard.validate === 'function'
    ? undefined
    : "a schema without a function '~standard'.validate"
}

const stateGiven = (state: unknown): string | undefined => {
  if (isObject(state) && '~standard' in state) return standardProblem(state['~standard'])
  if (!isClass(state)) return valueKind(state)
  const name = builtInName(state)
  return name === undefined ? undefined : `the built-in ${name}`
}

/** What is wrong with `state`. The schema itself is not asked for anything here. */
export const stateProblems = (state: unknown): Problem[] => {
  const given = state === undefined ? undefined : stateGiven(state)
  return given === undefined ? [] : [{ path: 'state', given, allowed: ALLOWED }]
}
