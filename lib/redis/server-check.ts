import { MemoryConfigError } from '../errors/memory-config.error.js'
import type { Problem } from '../errors/problem.js'

/** What INFO says of the server. */
export interface ServerFacts {
  readonly product: 'Redis' | 'Valkey'
  /** As `7.0.15`. */
  readonly version: string
  readonly evictionPolicy: string | undefined
  /** Another one after each start of the server. */
  readonly runId: string | undefined
  /** How many keys this run of the server has evicted. */
  readonly evictedKeys: number
  /** Whether it is one of a cluster's. */
  readonly isOfCluster: boolean
}

const MINIMUM = { Redis: [7, 0], Valkey: [8, 0] } as const
const NO_EVICTION = 'noeviction'

/** A client that knows one server only. */
export const NODE_OF_CLUSTER: Problem = {
  path: 'connection',
  given: 'a single node of a cluster',
  allowed: '{ cluster: { nodes: [{ host, port }] } }, with this node among them',
}

/** What stands behind a name in the text that INFO answers. */
export const infoLine = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]

export const readServerFacts = (info: string): ServerFacts => {
  const valkey = infoLine(info, 'valkey_version')
  return {
    product: valkey === undefined ? 'Redis' : 'Valkey',
    version: valkey ?? infoLine(info, 'redis_version') ?? 'unknown',
    evictionPolicy: infoLine(info, 'maxmemory_policy'),
    runId: infoLine(info, 'run_id'),
    evictedKeys: Number(infoLine(info, 'evicted_keys') ?? 0),
    isOfCluster: infoLine(info, 'cluster_enabled') === '1',
  }
}

const isOld = ({ product, version }: ServerFacts): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [minMajor, minMinor] = MINIMUM[product]
  return major < minMajor || (major === minMajor && minor < minMinor)
}

export const evicts = ({ evictionPolicy }: Pick<ServerFacts, 'evictionPolicy'>): boolean =>
  evictionPolicy !== undefined && evictionPolicy !== NO_EVICTION

/** Why the module must not work on this server; `undefined` when it may. */
export const refusalOf = (
  server: ServerFacts,
  { requireNoEviction, asCluster }: { readonly requireNoEviction: boolean; readonly asCluster: boolean },
): MemoryConfigError | undefined => {
  if (server.isOfCluster && !asCluster) return new MemoryConfigError(NODE_OF_CLUSTER)
  if (isOld(server)) {
    return new MemoryConfigError({
      path: 'connection',
      given: `a server of ${server.product} ${server.version}`,
      allowed: 'Redis 7.0 or later, or Valkey 8 or later',
    })
  }
  if (requireNoEviction && evicts(server)) {
    return new MemoryConfigError({
      path: 'requireNoEviction',
      given: `a server whose maxmemory-policy is ${server.evictionPolicy}`,
      allowed: `${NO_EVICTION}, because any other may drop a conversation`,
    })
  }
  return undefined
}
