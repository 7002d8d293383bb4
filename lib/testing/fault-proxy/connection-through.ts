import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import type { ServerAddress } from '../topology/reachable-redis.interface.js'

const HOST = '127.0.0.1'

/** A server, and the port of this machine on which a proxy stands before it. */
export interface Passage {
  readonly server: ServerAddress
  readonly port: number
}

/** As `redis://127.0.0.1:40123`, with the credentials and the database of the server's URL. */
export const urlThrough = (url: string, port: number): string => {
  const through = new URL(url)
  through.hostname = HOST
  through.port = String(port)
  return through.href
}

/**
 * How a client reaches the same through proxies: servers tell of one another by their own addresses, which it has to
 * translate. Sentinels are asked themselves.
 */
export const connectionThrough = (connection: ConnectionOptions, passages: readonly Passage[]): ConnectionOptions => {
  const natMap = Object.fromEntries(
    passages.map(({ server, port }) => [`${server.host}:${server.port}`, { host: HOST, port }]),
  )
  if ('cluster' in connection) {
    const nodes = passages.map(({ port }) => ({ host: HOST, port }))
    return { cluster: { nodes, options: { ...connection.cluster.options, natMap } } }
  }
  if ('sentinel' in connection) return { sentinel: { ...connection.sentinel, natMap } }
  const [passage] = passages
  if (!('url' in connection) || passage === undefined)
    throw new TypeError('FaultProxy: "connection" must have a URL, a cluster or Sentinels')
  return { ...connection, url: urlThrough(connection.url, passage.port) }
}
