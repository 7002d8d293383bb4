import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis'
import type { ConnectionOptions } from '../options/memory-options.interface.js'
import { isCluster, type Client } from './cluster-nodes.js'

const MAX_RECONNECT_DELAY = 1_000
const MIN_SOCKET_TIMEOUT = 50
/** How long a closed connection keeps the process alive, in ms. */
const DISCONNECT_TIMEOUT = 100
/** How many sentinels are asked within one deadline at the least, where some do not answer. */
const SENTINELS_WITHIN_DEADLINE = 4

/** 25 ms, doubled each time up to a second, and between half and all of it, so that processes do not return in step. */
export const reconnectDelay = (attempt: number): number =>
  Math.min(25 * 2 ** Math.min(attempt - 1, 10), MAX_RECONNECT_DELAY) * (0.5 + Math.random() / 2)

/**
 * What keeps ioredis from doing on its own what only the caller of a write can decide: it does not queue while offline (a
 * late ghost), does not resend (a double), and gives a dead socket up within half of a call's deadline, so that the other half
 * is left for a retry on a new one. Time limits are the caller's deadline.
 */
const ofServer = (deadline: number): RedisOptions => ({
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
  disconnectTimeout: DISCONNECT_TIMEOUT,
  // Its timer is not cleared when the client is closed.
  maxLoadingRetryTime: 100,
  retryStrategy: reconnectDelay,
  reconnectOnError: null,
  stringNumbers: false,
  replyMapping: 'legacy',
})

/**
 * Sentinels are asked one after the other, anew for each connection; and they say by themselves when the master is another, for
 * which they have to be listened to again soon after they were away.
 */
const bySentinels = (deadline: number): RedisOptions => ({
  sentinelRetryStrategy: () => null,
  sentinelReconnectStrategy: reconnectDelay,
  sentinelCommandTimeout: deadline / SENTINELS_WITHIN_DEADLINE,
  failoverDetector: true,
})

/**
 * Of a cluster, commands are sent on after MOVED and ASK, which say that nothing was executed; what was lost with its
 * connection, or has to wait, is the caller's to repeat.
 */
const ofCluster = (deadline: number, redisOptions: ClusterOptions['redisOptions']): ClusterOptions => ({
  lazyConnect: true,
  enableReadyCheck: true,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  scaleReads: 'master',
  maxRedirections: 4,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  retryDelayOnTryAgain: 0,
  slotsRefreshTimeout: Math.max(MIN_SOCKET_TIMEOUT, deadline / 2),
  slotsRefreshInterval: 5_000,
  clusterRetryStrategy: reconnectDelay,
  redisOptions,
})

const withoutRetry = ({ retryStrategy: _ours, enableOfflineQueue: _too, ...own }: RedisOptions): RedisOptions => own

/** ASKING is sent without anyone who waits for it: its failure, as of a node that is gone, must not end the process. */
const mended = (cluster: Cluster): Cluster =>
  cluster.on('+node', (node: Redis) => {
    const asking = node.asking.bind(node)
    node.asking = (...args: Parameters<typeof asking>) => {
      const asked = asking(...args)
      asked.catch(() => undefined)
      return asked
    }
  })

interface BySentinels {
  readonly connector: { connectToSentinel?: (endpoint: unknown, options?: RedisOptions) => Redis }
}

/**
 * Connections to sentinels have no options of ours otherwise. ioredis prints what goes wrong with one that it listens to:
 * nobody else hears of that.
 */
const withSentinels = (client: Redis): Redis => {
  const { connector } = client as unknown as BySentinels
  const connect = connector.connectToSentinel?.bind(connector)
  if (connect === undefined) return client
  connector.connectToSentinel = (endpoint, options) =>
    connect(endpoint, { ...options, disconnectTimeout: DISCONNECT_TIMEOUT }).on('error', () => undefined)
  return client
}

const duplicateOf = (client: Client, deadline: number): Client => {
  if (!isCluster(client))
    return withSentinels(client.duplicate({ ...ofServer(deadline), ...ofSentinelsOf(client, deadline) }))
  const redisOptions = { ...client.options.redisOptions, ...withoutRetry(ofServer(deadline)) }
  return mended(client.duplicate([], ofCluster(deadline, redisOptions)))
}

const ofSentinelsOf = ({ options }: Redis, deadline: number): RedisOptions =>
  options.sentinels ? bySentinels(deadline) : {}

/** Another connection to the server of one, or to the master its sentinels name; it does not connect yet. */
export const createBeside = (node: Redis, deadline: number): Redis =>
  // Which run of the server it leads to is looked at each time: nobody has to tell it of another master.
  node.duplicate({ ...ofServer(deadline), ...ofSentinelsOf(node, deadline), failoverDetector: false })

/** A client that does not connect yet. One that was handed in is only duplicated. */
export const createClient = (connection: ConnectionOptions, deadline: number): Client => {
  if ('client' in connection) return duplicateOf(connection.client, deadline)
  const own = ofServer(deadline)
  const connectionName = 'agent-memory'
  if ('cluster' in connection) {
    const { nodes, options } = connection.cluster
    const redisOptions = { connectionName, ...options?.redisOptions, ...withoutRetry(own) }
    return mended(new Cluster([...nodes], { ...options, ...ofCluster(deadline, redisOptions) }))
  }
  const { url, ...options } = ('sentinel' in connection ? connection.sentinel : connection) as {
    url?: string
  } & RedisOptions
  const all = { connectionName, ...options, ...own, ...(options.sentinels && bySentinels(deadline)) }
  return withSentinels(url === undefined ? new Redis(all) : new Redis(url, all))
}
