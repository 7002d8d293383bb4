import type { Problem } from '../../errors/problem.js'
import { givenSecret } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'

type Options = Readonly<Record<string, unknown>>

const PATH = 'connection.credentials'

const optionsIn = (value: unknown): Options => (isOptionsObject(value) ? value : {})

const hasOwn = (options: Options): boolean =>
  [options['username'], options['password']].some((value) => value !== undefined && value !== null)

const isUrlWithOwn = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username !== '' || password !== ''
}

/** Whether user or password stand in the options themselves as well. */
const hasCredentials = (connection: Options): boolean => {
  const { nodes, options } = optionsIn(connection['cluster'])
  const { redisOptions } = optionsIn(options)
  const all: readonly unknown[] = Array.isArray(nodes) ? nodes : []
  return (
    [connection, optionsIn(connection['sentinel']), optionsIn(redisOptions), ...all.map(optionsIn)].some(hasOwn) ||
    [connection['url'], ...all].some(isUrlWithOwn)
  )
}

/** Where they would be handed on to ioredis, which does not know them. */
const misplaced = (connection: Options): Problem[] => {
  const { options } = optionsIn(connection['cluster'])
  const places: Readonly<Record<string, unknown>> = {
    'connection.sentinel': connection['sentinel'],
    'connection.cluster.options': options,
    'connection.cluster.options.redisOptions': optionsIn(options)['redisOptions'],
  }
  return Object.entries(places)
    .filter(([, place]) => optionsIn(place)['credentials'] !== undefined)
    .map(([path]) => ({ path: `${path}.credentials`, given: 'an option of the connection', allowed: PATH }))
}

/** What is wrong with `connection.credentials`. */
export const credentialsProblems = (connection: Options): Problem[] => {
  const { credentials } = connection
  if (credentials === undefined) return misplaced(connection)
  if (typeof credentials !== 'function') {
    return [{ path: PATH, given: givenSecret(credentials), allowed: 'a function that gives { username?, password }' }]
  }
  if (!hasCredentials(connection)) return []
  return [{ path: PATH, given: 'credentials beside a username or password', allowed: 'one of the two' }]
}
