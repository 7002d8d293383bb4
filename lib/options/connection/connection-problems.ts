import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { laterProblem, unknownProblem } from '../name-problems.js'
import { nearestName } from '../nearest-name.js'
import { CONNECTION_NAMES } from '../option-names.js'
import { addressProblems } from './address-problems.js'
import { clientProblems, isClient } from './client-problems.js'
import { urlProblems } from './url-problems.js'
import { WAYS, wayProblems } from './way-problems.js'

type Options = Readonly<Record<string, unknown>>

const { known, later } = CONNECTION_NAMES

const misspelt = (connection: Options): Problem[] =>
  Object.keys(connection)
    .filter((name) => !known.includes(name) && !later.includes(name))
    .filter((name) => nearestName(name, [...known, ...later]) !== undefined)
    .map((name) => unknownProblem('connection', name, givenSecret(connection[name]), CONNECTION_NAMES))

const notYet = (connection: Options): Problem[] =>
  later
    .filter((name) => connection[name] !== undefined && connection[name] !== null)
    .map((name) => laterProblem('connection', name, givenSecret(connection[name])))

const problem = (given: string, allowed: string): Problem[] => [{ path: 'connection', given, allowed }]

const formProblem = (connection: unknown): Problem[] => {
  const given = givenSecret(connection)
  if (typeof connection === 'string') return problem(given, `${WAYS}; write a URL as { url: … }`)
  if (isClient(connection)) return problem('a client', `${WAYS}; write a client as { client: … }`)
  return isOptionsObject(connection) ? [] : problem(given, WAYS)
}

/**
 * What is wrong with `connection`. Its values may be secrets, so they are never repeated, only their kinds; a client is
 * neither walked nor touched.
 */
export function connectionProblems(connection: unknown): Problem[] {
  const form = formProblem(connection)
  if (form.length > 0 || !isOptionsObject(connection)) return form
  const names = [...notYet(connection), ...misspelt(connection)]
  return [
    ...names,
    // A wrong name is often the missing address: one problem is enough.
    ...(names.length > 0 ? [] : wayProblems(connection)),
    ...(connection.url === undefined ? [] : urlProblems(connection.url)),
    ...(connection.client === undefined ? [] : clientProblems(connection.client)),
    ...addressProblems(connection),
  ]
}
