import { validateSync } from 'class-validator'
import type { Problem } from '../errors/problem.js'
import { givenOption } from './given.js'

/**
 * Holds the named options against the rules of a schema. Only these names are read: what else stands beside them, as a
 * client with its sockets, is neither walked nor copied.
 */
export function valueProblems(
  section: string,
  options: Readonly<Record<string, unknown>>,
  names: readonly string[],
  Schema: new () => object,
  givenBy: (value: unknown) => string = givenOption,
): Problem[] {
  const checked = Object.assign(new Schema(), Object.fromEntries(names.map((name) => [name, options[name]])))
  return validateSync(checked, { stopAtFirstError: true }).map(({ property, value, constraints = {} }) => ({
    path: section === '' ? property : `${section}.${property}`,
    given: givenBy(value),
    allowed: Object.values(constraints).join('; '),
  }))
}
