import { Cluster, Redis } from 'ioredis'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import { parseNodes } from '../real-redis-cluster/node-view.js'
import { Clients, reconnectDelay } from '../real-redis/clients.js'
import { Closers, throwAll } from '../real-redis/closers.js'
import { withProbeClient } from '../real-redis/probe-client.js'
import { readServerInfo, type ServerInfo } from '../real-redis/server-info.js'
import { urlOf } from '../real-redis/server-plan.js'
import { URL_VARIABLES } from './environment.js'
import type { ServerAddress } from './reachable-redis.interface.js'
import type { GroupMaster, RedisGroup } from './redis-group.interface.js'
import type { Topology } from './topology.js'

type Server = ServerAddress & { readonly url: string }

/** What is known of servers that somebody else started. */
interface Found {
  readonly connection: ConnectionOptions
  readonly servers: readonly ServerAddress[]
  readonly client: () => Redis | Cluster
  readonly masters: () => Promise<readonly Server[]>
}

const serverAt = (host: string, port: number): Server => {
  const url = new URL(urlOf({ port }))
  url.hostname = host
  return { host, port, url: url.href }
}

const findCluster = async (url: string): Promise<Found> => {
  const ask = async () => parseNodes(String(await withProbeClient(url, (client) => client.cluster('NODES'))))
  const servers = (await ask()).filter(({ failed }) => !failed).map(({ host, port }) => ({ host, port }))
  return {
    connection: { cluster: { nodes: servers } },
    servers,
    client: () => new Cluster(servers, { clusterRetryStrategy: reconnectDelay }),
    masters: async () =>
      (await ask())
        .filter(({ role, slots }) => role === 'master' && slots.length > 0)
        .map(({ host, port }) => serverAt(host, port)),
  }
}

const toFields = (answer: unknown): Map<string, string>[] =>
  (Array.isArray(answer) ? answer : []).map((flat: unknown) => {
    const texts = Array.isArray(flat) ? flat.map(String) : []
    return new Map(texts.flatMap((name, index) => (index % 2 === 0 ? [[name, texts[index + 1] ?? '']] : [])))
  })

const toAddress = (fields: Map<string, string>): ServerAddress => ({
  host: fields.get('ip') ?? '',
  port: Number(fields.get('port')),
})

const findSentinels = async (url: string): Promise<Found> => {
  const ask = async (...command: readonly string[]) =>
    toFields(await withProbeClient(url, (client) => client.call('SENTINEL', ...command)))
  const [master, another] = await ask('MASTERS')
  if (master === undefined || another !== undefined)
    throw new Error(`${URL_VARIABLES.sentinel} must name a Sentinel that watches one master`)
  const name = master.get('name') ?? ''
  const others = await ask('SENTINELS', name)
  const { hostname, port } = new URL(url)
  const sentinels = [{ host: hostname, port: Number(port || 26_379) }, ...others.map(toAddress)]
  return {
    connection: { sentinel: { name, sentinels } },
    servers: [toAddress(master), ...(await ask('REPLICAS', name)).map(toAddress)],
    client: () => new Redis({ name, sentinels, retryStrategy: reconnectDelay, sentinelRetryStrategy: reconnectDelay }),
    masters: async () =>
      (await ask('MASTERS')).map(toAddress).map(({ host, port: masterPort }) => serverAt(host, masterPort)),
  }
}

/** Servers that belong together and that somebody else started, and somebody else stops. */
export class GroupAtUrl implements RedisGroup {
  readonly backend = 'url'
  readonly #found: Found
  readonly #info: ServerInfo
  readonly #clients = new Clients()
  readonly #closers = new Closers()

  private constructor(found: Found, info: ServerInfo) {
    this.#found = found
    this.#info = info
  }

  static async open(topology: Exclude<Topology, 'standalone'>, url: string): Promise<GroupAtUrl> {
    const name = URL_VARIABLES[topology]
    const found = await (topology === 'cluster' ? findCluster(url) : findSentinels(url)).catch((cause: unknown) => {
      throw new Error(`${name} names no ${topology} that answers`, { cause })
    })
    const [master] = await found.masters()
    if (master === undefined) throw new Error(`${name} names a ${topology} without a master`)
    return new GroupAtUrl(found, await readServerInfo(master.url))
  }

  get connection(): ConnectionOptions {
    return this.#found.connection
  }

  get servers(): readonly ServerAddress[] {
    return this.#found.servers
  }

  get product(): 'redis' | 'valkey' {
    return this.#info.product
  }

  get version(): string {
    return this.#info.version
  }

  client(): Redis | Cluster {
    return this.#clients.keep(this.#found.client())
  }

  masters(): Promise<readonly Server[]> {
    return this.#found.masters()
  }

  groupMasters(method: string): Promise<readonly GroupMaster[]> {
    return Promise.reject(new Error(`${method}() needs servers of { backend: 'binary' }; these are of "url"`))
  }

  settled(): Promise<void> {
    return Promise.resolve()
  }

  beforeStop(close: () => Promise<void>, order?: 'first' | 'last'): () => void {
    return this.#closers.add(close, order)
  }

  async stop(): Promise<void> {
    const failures = await this.#closers.closeAll()
    this.#clients.close()
    throwAll(failures, 'stop()')
  }
}
