import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { nearestName } from './nearest-name.js'
import { SECTIONS, type SectionNames } from './option-names.js'

const SHOWABLE = /^[\w$-]{1,40}$/

const pathOf = (section: string, name: string): string => (section === '' ? name : `${section}.${name}`)

/** An option that stands in another section under the very same name. */
const elsewhere = (section: string, name: string): string | undefined => {
  const found = Object.entries(SECTIONS).find(
    ([other, { known, later }]) => other !== section && [...known, ...later].includes(name),
  )
  return found && pathOf(found[0], name)
}

/** The path of the option that a wrong name most likely stands for. */
export function meantOption(section: string, name: string, { known, later }: SectionNames): string | undefined {
  const nearest = nearestName(name, [...known, ...later])
  return nearest === undefined ? elsewhere(section, name) : pathOf(section, nearest)
}

/** A name comes from the caller and may be anything: only what looks like a name is repeated. */
const shownPath = (section: string, name: string): string =>
  pathOf(section, SHOWABLE.test(name) ? name : `(a name of ${name.length} characters)`)

export const laterProblem = (section: string, name: string, given: string): Problem => ({
  path: pathOf(section, name),
  given,
  allowed: `nothing yet: ${pathOf(section, name)} is not yet available in this version`,
})

export const unknownProblem = (section: string, name: string, given: string, names: SectionNames): Problem => {
  const meant = meantOption(section, name, names)
  const hint = meant === undefined ? `the options here are ${names.known.join(', ')}` : `did you mean ${meant}?`
  return { path: shownPath(section, name), given, allowed: `nothing, as there is no option of this name; ${hint}` }
}

/** The names in a section that this version does not know, or not yet. */
export function nameProblems(
  section: string,
  options: Readonly<Record<string, unknown>>,
  names: SectionNames,
  givenBy: (value: unknown) => string = valueKind,
): Problem[] {
  return Object.keys(options).flatMap((name) => {
    if (names.known.includes(name)) return []
    const given = givenBy(options[name])
    if (!names.later.includes(name)) return [unknownProblem(section, name, given, names)]
    return options[name] === undefined ? [] : [laterProblem(section, name, given)]
  })
}
