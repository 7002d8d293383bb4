import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { unknownProblem } from '../name-problems.js'
import { nearestName } from '../nearest-name.js'
import { CONNECTION_NAMES } from '../option-names.js'
import { addressProblems } from './address-problems.js'
import { clientProblems, isClient } from './client-problems.js'
import { clusterProblems } from './cluster-problems.js'
import { credentialsProblems } from './credentials-problems.js'
import { sentinelProblems } from './sentinel-problems.js'
import { urlProblems } from './url-problems.js'
import { WAYS, wayProblems } from './way-problems.js'

type Options = Readonly<Record<string, unknown>>

const { known } = CONNECTION_NAMES

const misspelt = (connection: Options): Problem[] =>
  Object.keys(connection)
    .filter((name) => !known.includes(name))
    .filter((name) => nearestName(name, known) !== undefined)
    .map((name) => unknownProblem('connection', name, givenSecret(connection[name]), CONNECTION_NAMES))

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
  const names = misspelt(connection)
  const { url, client, cluster, sentinel, sentinels } = connection
  return [
    ...names,
    // A wrong name is often the missing address: one problem is enough.
    ...(names.length > 0 ? [] : wayProblems(connection)),
    ...(url === undefined ? [] : urlProblems(url)),
    ...(client === undefined ? [] : clientProblems(client)),
    ...(cluster === undefined ? [] : clusterProblems(cluster)),
    ...(sentinel === undefined ? [] : sentinelProblems(sentinel, 'connection.sentinel')),
    ...(sentinels === undefined || sentinels === null ? [] : sentinelProblems(connection, 'connection')),
    ...addressProblems(connection),
    ...credentialsProblems(connection),
  ]
}
