import { Redis, type RedisOptions } from 'ioredis'
import type { ConnectionOptions } from '../options/memory-options.interface.js'

const MAX_RECONNECT_DELAY = 1_000
const MIN_SOCKET_TIMEOUT = 50

/** 25 ms, doubled each time up to a second, and between half and all of it, so that processes do not return in step. */
const reconnectDelay = (attempt: number): number =>
  Math.min(25 * 2 ** Math.min(attempt - 1, 10), MAX_RECONNECT_DELAY) * (0.5 + Math.random() / 2)

/**
 * What keeps ioredis from doing on its own what only the caller of a write can decide: it does not queue while offline (a
 * late ghost), does not resend (a double), and gives a dead socket up within half of a call's deadline, so that the other half
 * is left for a retry on a new one. Time limits are the caller's deadline.
 */
const failFast = (deadline: number): RedisOptions => ({
  lazyConnect: true,
  enableReadyCheck: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: 0,
  connectTimeout: deadline,
  commandTimeout: undefined,
  socketTimeout: Math.max(MIN_SOCKET_TIMEOUT, deadline / 2),
  keepAlive: 5_000,
  // How long a closed client keeps the process alive when it was about to connect again.
  disconnectTimeout: 100,
  // Its timer is not cleared when the client is closed.
  maxLoadingRetryTime: 100,
  retryStrategy: reconnectDelay,
  reconnectOnError: null,
  stringNumbers: false,
  replyMapping: 'legacy',
})

/** A client that does not connect yet. One that was handed in is only duplicated. */
export const createClient = (connection: ConnectionOptions, deadline: number): Redis => {
  const own = failFast(deadline)
  if ('client' in connection) return connection.client.duplicate(own)
  const { url, ...options } = connection as { url?: string } & RedisOptions
  const all = { connectionName: 'agent-memory', ...options, ...own }
  return url === undefined ? new Redis(all) : new Redis(url, all)
}
