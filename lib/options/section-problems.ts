import type { Problem } from '../errors/problem.js'
import { givenOption } from './given.js'
import { isOptionsObject } from './is-options-object.js'
import { nameProblems } from './name-problems.js'
import type { SectionNames } from './option-names.js'
import { valueProblems } from './value-problems.js'

/** What is wrong with a section whose options are single values, and with it alone. */
export function sectionProblems(
  path: string,
  section: unknown,
  names: SectionNames,
  Schema: new () => object,
  beside = '',
): Problem[] {
  if (section === undefined) return []
  if (!isOptionsObject(section)) {
    const allowed = `${beside}an object of ${names.known.join(', ')}`
    return [{ path, given: givenOption(section), allowed }]
  }
  return [...nameProblems(path, section, names), ...valueProblems(path, section, names.known, Schema)]
}
