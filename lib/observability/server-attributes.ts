import type { ConnectionOptions } from '../options/memory-options.interface.js'
import type { Attributes } from './open-telemetry.interface.js'

const DEFAULT_PORT = 6379
const DEFAULT_HOST = 'localhost'

interface Address {
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  /** Of a Unix socket. */
  readonly path?: string | undefined
  readonly db?: number | string | undefined
  /** Then the server is another one from time to time. */
  readonly sentinels?: readonly unknown[] | null | undefined
}

/** Of a cluster: it has one database, and no one address. */
const OF_MANY: Address = { sentinels: [] }

/** What the URL says goes before what stands beside it. */
const addressOf = (connection: ConnectionOptions): Address => {
  if ('client' in connection) return connection.client.isCluster ? OF_MANY : (connection.client.options as Address)
  if ('cluster' in connection) return OF_MANY
  if ('sentinel' in connection) return connection.sentinel
  if (!('url' in connection)) return connection
  const { host, port, path, db } = connection
  const { hostname, port: urlPort, pathname, searchParams } = new URL(connection.url)
  return {
    host: hostname.replace(/^\[|\]$/g, '') || host,
    port: urlPort || port,
    path,
    db: pathname.slice(1) || searchParams.get('db') || db,
  }
}

/** Where the server is and which of its databases is meant, as configured: nothing else of the connection, and no credentials. */
export const serverAttributes = (connection: ConnectionOptions): Attributes => {
  const { host, port, path, db, sentinels } = addressOf(connection)
  const database = { 'db.namespace': String(db ?? 0) }
  if (sentinels) return database
  if (path) return { ...database, 'server.address': path }
  return { ...database, 'server.address': host || DEFAULT_HOST, 'server.port': Number(port || DEFAULT_PORT) }
}
