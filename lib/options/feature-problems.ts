import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { givenOption } from './given.js'
import { isOptionsObject } from './is-options-object.js'
import type { MemoryFeatureOptions } from './memory-feature-options.interface.js'
import { unknownProblem } from './name-problems.js'
import { ROOT_NAMES } from './option-names.js'

const NAMES: readonly (keyof MemoryFeatureOptions)[] = [
  'namespace',
  'session',
  'summary',
  'state',
  'tokenCounter',
  'serialization',
]
const SECTIONS = ['session', 'summary', 'serialization']
/** No dot: it parts the namespace of forRoot from the name. */
const NAME = /^[A-Za-z0-9_-]{1,32}$/
/** What someone would call the memory of forRoot. */
const RESERVED = 'default'

/** How errors say where an option of a named memory stands. */
export const featurePath = (name: string): string => `forFeature('${name}')`

const nameProblems = (name: unknown): Problem[] => {
  if (name === RESERVED) {
    const allowed = 'another name: the default memory is the one of forRoot, injected as MemoryService'
    return [{ path: 'forFeature', given: "'default'", allowed }]
  }
  return typeof name === 'string' && NAME.test(name)
    ? []
    : [{ path: 'forFeature', given: givenOption(name), allowed: 'a name of 1 to 32 of the characters A-Z a-z 0-9 _ -' }]
}

const strayProblem = (name: string, value: unknown): Problem =>
  ROOT_NAMES.known.includes(name)
    ? {
        path: name,
        given: valueKind(value),
        allowed: 'nothing here: it is the same for all memories, and given to forRoot',
      }
    : unknownProblem('', name, valueKind(value), { known: NAMES, later: [] })

/** What is wrong with the way `forFeature` was called; the values are looked at when the application boots. */
export const forFeatureProblems = (name: unknown, overrides: unknown): Problem[] => {
  const problems = nameProblems(name)
  if (overrides === undefined) return problems
  const path = problems.length > 0 ? 'forFeature' : featurePath(String(name))
  if (!isOptionsObject(overrides)) {
    return [...problems, { path, given: valueKind(overrides), allowed: `an object of ${NAMES.join(', ')}` }]
  }
  const sections = SECTIONS.filter((key) => overrides[key] !== undefined && !isOptionsObject(overrides[key]))
  const strays = Object.keys(overrides).filter((key) => !NAMES.includes(key as keyof MemoryFeatureOptions))
  const ofOptions = [
    ...strays.map((key) => strayProblem(key, overrides[key])),
    ...sections.map((key) => ({ path: key, given: givenOption(overrides[key]), allowed: 'an object' })),
  ]
  return [...problems, ...ofOptions.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }))]
}
