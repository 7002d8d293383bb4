import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis'
import type { ClusterConnection, ConnectionOptions } from '../options/memory-options.interface.js'
import { isCluster, type Client } from './cluster-nodes.js'
import { connectorOf, DISCONNECT_TIMEOUT, type ConnectorSettings } from './connector.js'
import { tellingUnsent } from './unsent.js'

const MAX_RECONNECT_DELAY = 1_000
const MIN_SOCKET_TIMEOUT = 50
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
const ofCluster = (deadline: number, redisOptions: RedisOptions, slowly: boolean): ClusterOptions => ({
  lazyConnect: true,
  enableReadyCheck: true,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  scaleReads: 'master',
  maxRedirections: 4,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  retryDelayOnTryAgain: 0,
  // With TLS, or where credentials are asked for, half of it is theirs.
  slotsRefreshTimeout: Math.max(MIN_SOCKET_TIMEOUT, slowly ? deadline : deadline / 2),
  slotsRefreshInterval: 5_000,
  clusterRetryStrategy: reconnectDelay,
  redisOptions,
})

const withoutRetry = ({ retryStrategy: _ours, enableOfflineQueue: _too, ...own }: RedisOptions): RedisOptions => own

interface Translating {
  natMapper?: (node: string | object) => { readonly host: string; readonly port: number }
}

/**
 * What MOVED says is kept as it was said, and looked for as `natMap` has it: commands would go to any node, from there to any
 * other, and in the end fail. It is kept translated.
 */
const translating = (cluster: Cluster): Cluster => {
  const internals = cluster as unknown as Translating
  const translate = internals.natMapper?.bind(cluster)
  if (!cluster.options.natMap || translate === undefined) return cluster
  internals.natMapper = (node) => {
    const found = translate(node)
    const name = `${found.host}:${found.port}`
    for (const names of cluster.slots) if (names !== undefined && names[0] === node) names[0] = name
    return found
  }
  return cluster
}

interface Choosing {
  readonly connectionPool?: { getSampleInstance?: (role: string) => Redis | undefined }
}

/**
 * While no master is connected, commands would go to any node, and a replica would answer reads as if nothing had been written
 * since. They fail, and the slots are looked for anew.
 */
const mastersOnly = (cluster: Cluster): Cluster => {
  const pool = (cluster as unknown as Choosing).connectionPool
  const choose = pool?.getSampleInstance?.bind(pool)
  if (pool !== undefined && choose !== undefined)
    pool.getSampleInstance = (role) => (role === 'all' ? undefined : choose(role))
  return cluster
}

type IsMet = Parameters<typeof tellingUnsent>[1]

/** ASKING is sent without anyone who waits for it: its failure, as of a node that is gone, must not end the process. */
const mended = (cluster: Cluster, isMet: IsMet): Cluster =>
  tellingUnsent(mastersOnly(translating(cluster)), isMet).on('+node', (node: Redis) => {
    const asking = node.asking.bind(node)
    node.asking = (...args: Parameters<typeof asking>) => {
      const asked = asking(...args)
      asked.catch(() => undefined)
      return asked
    }
  })

const duplicateOf = (client: Client, deadline: number, settings: ConnectorSettings, isMet: IsMet): Client => {
  if (!isCluster(client)) {
    const Connector = connectorOf(settings, client.options.Connector)
    return client.duplicate({ ...ofServer(deadline), ...ofSentinelsOf(client, deadline), Connector })
  }
  const given = client.options.redisOptions
  const Connector = connectorOf(settings, given?.Connector)
  const redisOptions = { ...given, ...withoutRetry(ofServer(deadline)), Connector }
  return mended(client.duplicate([], ofCluster(deadline, redisOptions, redisOptions.tls !== undefined)), isMet)
}

const ofSentinelsOf = ({ options }: Redis, deadline: number): RedisOptions =>
  options.sentinels ? bySentinels(deadline) : {}

/** Another connection to the server of one, or to the master its sentinels name; it does not connect yet. */
export const createBeside = (node: Redis, deadline: number): Redis =>
  // Which run of the server it leads to is looked at each time: nobody has to tell it of another master.
  node.duplicate({ ...ofServer(deadline), ...ofSentinelsOf(node, deadline), failoverDetector: false })

/**
 * A client of any replica that the sentinels of a connection name; it connects when it is used. What it is asked waits until it
 * has: nothing is written by it.
 */
export const createReplicaClient = (connection: ConnectionOptions, deadline: number): Redis => {
  const client = createClient(connection, deadline, () => undefined) as Redis
  return client.duplicate({ role: 'slave', enableOfflineQueue: true })
}

/** ioredis looks at the scheme of one URL only, and would speak to the nodes of a cluster in plain text. */
const tlsOf = (nodes: ClusterConnection['cluster']['nodes']): RedisOptions =>
  nodes.some((node) => typeof node === 'string' && node.startsWith('rediss:')) ? { tls: {} } : {}

/**
 * A client that does not connect yet. One that was handed in is only duplicated.
 *
 * @param heard told why a connection failed
 * @param isMet whether a node of a cluster may be sent commands; others are kept from it meanwhile
 */
export const createClient = (
  connection: ConnectionOptions,
  deadline: number,
  heard: ConnectorSettings['heard'],
  isMet: IsMet = () => true,
): Client => {
  const settings = { credentials: undefined, deadline, heard }
  if ('client' in connection) return duplicateOf(connection.client, deadline, settings, isMet)
  const own = ofServer(deadline)
  const connectionName = 'agent-memory'
  if ('cluster' in connection) {
    const { nodes, options } = connection.cluster
    const { credentials } = connection
    const Connector = connectorOf({ ...settings, credentials }, options?.redisOptions?.Connector)
    const redisOptions = { connectionName, ...tlsOf(nodes), ...options?.redisOptions, ...withoutRetry(own), Connector }
    const slowly = redisOptions.tls !== undefined || credentials !== undefined
    return mended(new Cluster([...nodes], { ...options, ...ofCluster(deadline, redisOptions, slowly) }), isMet)
  }
  const { credentials, ...rest } = connection
  const { url, ...options } = ('sentinel' in rest ? rest.sentinel : rest) as { url?: string } & RedisOptions
  const Connector = connectorOf({ ...settings, credentials }, options.Connector)
  const all = { connectionName, ...options, ...own, ...(options.sentinels && bySentinels(deadline)), Connector }
  return url === undefined ? new Redis(all) : new Redis(url, all)
}
