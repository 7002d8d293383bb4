import type { Problem } from '../../errors/problem.js'

type Options = Readonly<Record<string, unknown>>

export const WAYS =
  'exactly one of { url }, { host, port }, { cluster }, { sentinel }, { client } or, for a Unix socket, { path }'
const UNSET = 'is the environment variable it is read from set?'
/** What stands alone, and why. */
const ALONE: Readonly<Record<string, string>> = {
  client: '{ client } alone: a client brings its own options',
  cluster: '{ cluster } alone, or with credentials: other options of the nodes stand in cluster.options.redisOptions',
  sentinel: '{ sentinel } alone, or with credentials: all other options stand in it',
}

const WAY_OF: Readonly<Record<string, string>> = {
  url: 'url',
  client: 'client',
  host: 'host',
  port: 'host',
  path: 'path',
  cluster: 'cluster',
  sentinel: 'sentinel',
  sentinels: 'sentinels',
}

const list = (names: readonly string[]): string => names.join(' and ')

/**
 * Looks for the one way to reach the server. An address that was meant to come from somewhere and did not is refused:
 * ioredis would fall back to localhost.
 */
export function wayProblems(connection: Options): Problem[] {
  const named = Object.keys(WAY_OF).filter((name) => name in connection)
  // Of ioredis, no sentinels are null.
  const given = named.filter(
    (name) => connection[name] !== undefined && !(name === 'sentinels' && connection[name] === null),
  )
  const unset = named.filter((name) => connection[name] === undefined)

  if (given.length === 0) {
    if (unset.length === 0) return [{ path: 'connection', given: 'no address', allowed: WAYS }]
    return unset.map((name) => ({ path: `connection.${name}`, given: 'undefined', allowed: `${WAYS}; ${UNSET}` }))
  }
  if (new Set(given.map((name) => WAY_OF[name])).size > 1) {
    return [{ path: 'connection', given: list(given), allowed: WAYS }]
  }
  const alone = given.find((name) => name in ALONE)
  const beside = alone === 'client' ? [alone] : [alone, 'credentials']
  const others = Object.keys(connection).filter((name) => !beside.includes(name) && connection[name] !== undefined)
  if (alone !== undefined && others.length > 0) {
    return [{ path: 'connection', given: `${alone} and other options`, allowed: ALONE[alone]! }]
  }
  if (given.includes('port') && unset.includes('host')) {
    return [{ path: 'connection.host', given: 'undefined', allowed: `a host name or IP address; ${UNSET}` }]
  }
  return []
}
