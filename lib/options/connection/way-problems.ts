import type { Problem } from '../../errors/problem.js'

type Options = Readonly<Record<string, unknown>>

export const WAYS = 'exactly one of { url }, { client }, { host, port } or, for a Unix socket, { path }'
const UNSET = 'is the environment variable it is read from set?'
const CLIENT_ALONE = '{ client } alone: a client brings its own options'

const WAY_OF: Readonly<Record<string, string>> = {
  url: 'url',
  client: 'client',
  host: 'host',
  port: 'host',
  path: 'path',
}

const list = (names: readonly string[]): string => names.join(' and ')

/**
 * Looks for the one way to reach the server. An address that was meant to come from somewhere and did not is refused:
 * ioredis would fall back to localhost.
 */
export function wayProblems(connection: Options): Problem[] {
  const named = Object.keys(WAY_OF).filter((name) => name in connection)
  const given = named.filter((name) => connection[name] !== undefined)
  const unset = named.filter((name) => connection[name] === undefined)
  const others = Object.keys(connection).filter((name) => name !== 'client' && connection[name] !== undefined)

  if (given.length === 0) {
    if (unset.length === 0) return [{ path: 'connection', given: 'no address', allowed: WAYS }]
    return unset.map((name) => ({ path: `connection.${name}`, given: 'undefined', allowed: `${WAYS}; ${UNSET}` }))
  }
  if (new Set(given.map((name) => WAY_OF[name])).size > 1) {
    return [{ path: 'connection', given: list(given), allowed: WAYS }]
  }
  if (given.includes('client') && others.length > 0) {
    return [{ path: 'connection', given: 'client and other options', allowed: CLIENT_ALONE }]
  }
  if (given.includes('port') && unset.includes('host')) {
    return [{ path: 'connection.host', given: 'undefined', allowed: `a host name or IP address; ${UNSET}` }]
  }
  return []
}
