import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { givenOption } from './given.js'
import { isOptionsObject } from './is-options-object.js'
import { meantOption } from './name-problems.js'
import { ROOT_NAMES } from './option-names.js'
import { nearestName } from './nearest-name.js'

const WAYS = ['useFactory', 'useClass', 'useExisting']
const NAMES = [...WAYS, 'imports', 'inject', 'isGlobal', 'provideInjectionTokensFrom']
const EXAMPLE = "useFactory: () => ({ connection: { url: 'redis://…' } })"

const globalProblems = (isGlobal: unknown): Problem[] =>
  isGlobal === undefined || typeof isGlobal === 'boolean'
    ? []
    : [{ path: 'isGlobal', given: givenOption(isGlobal), allowed: 'true or false' }]

const wayProblems = (options: Readonly<Record<string, unknown>>): Problem[] => {
  const given = WAYS.filter((name) => options[name] !== undefined)
  if (given.length !== 1) {
    const allowed = `exactly one of useFactory, useClass and useExisting, as ${EXAMPLE}`
    return [{ path: 'forRootAsync', given: given.length === 0 ? 'none of them' : given.join(' and '), allowed }]
  }
  const { useFactory, useClass } = options
  return [
    ...(useFactory === undefined || typeof useFactory === 'function'
      ? []
      : [{ path: 'forRootAsync.useFactory', given: valueKind(useFactory), allowed: `a function, as ${EXAMPLE}` }]),
    ...(useClass === undefined || typeof useClass === 'function'
      ? []
      : [
          {
            path: 'forRootAsync.useClass',
            given: valueKind(useClass),
            allowed: 'a class with a method createMemoryOptions()',
          },
        ]),
  ]
}

const strayProblem = (name: string, value: unknown): Problem => {
  const near = nearestName(name, NAMES)
  const option = meantOption('', name, ROOT_NAMES)
  const hint =
    near === undefined && option !== undefined
      ? `; ${option} is part of what the factory returns`
      : `; did you mean ${near ?? NAMES.slice(0, -1).join(', ')}?`
  return { path: `forRootAsync.${name}`, given: valueKind(value), allowed: `nothing of this name${hint}` }
}

const listProblems = (name: string, value: unknown): Problem[] =>
  value === undefined || Array.isArray(value)
    ? []
    : [{ path: `forRootAsync.${name}`, given: valueKind(value), allowed: 'an array' }]

/** What is wrong with the way `forRoot` was called; the options themselves are looked at when the application boots. */
export const forRootProblems = (options: unknown): Problem[] =>
  isOptionsObject(options)
    ? globalProblems(options.isGlobal)
    : [
        {
          path: 'forRoot',
          given: valueKind(options),
          allowed: "an object of options, at the least { connection: { url: 'redis://…' } }",
        },
      ]

/** What is wrong with the way `forRootAsync` was called. */
export function forRootAsyncProblems(options: unknown): Problem[] {
  if (!isOptionsObject(options)) {
    return [{ path: 'forRootAsync', given: valueKind(options), allowed: `an object, as { ${EXAMPLE} }` }]
  }
  return [
    ...wayProblems(options),
    ...Object.keys(options)
      .filter((name) => !NAMES.includes(name))
      .map((name) => strayProblem(name, options[name])),
    ...listProblems('imports', options.imports),
    ...listProblems('inject', options.inject),
    ...globalProblems(options.isGlobal),
  ]
}
