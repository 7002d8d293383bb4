import type { Cluster, Redis } from 'ioredis'
import { isError } from '../errors/is-error.js'
import { withProbeClient } from './real-redis/probe-client.js'
import { scanKeys } from './scan-keys.js'
import { within } from './real-redis/within.js'
import type { ReachableRedis } from './topology/reachable-redis.interface.js'

const TIMEOUT_MS = 60_000
const KEYS_SHOWN = 20

/** @publicApi */
export interface NoImmortalKeysOptions {
  /**
   * Which keys to look at.
   *
   * @default 'am:*', all keys of agent memories
   */
  readonly pattern?: string
}

type Checkable = Pick<ReachableRedis, 'masters'> | Redis | Cluster | string

interface Findings {
  readonly checked: number
  readonly immortal: readonly string[]
}

const together = (findings: readonly Findings[]): Findings => ({
  checked: findings.reduce((sum, found) => sum + found.checked, 0),
  immortal: findings.flatMap((found) => found.immortal),
})

const check = async (client: Redis, pattern: string): Promise<Findings> => {
  const immortal = new Set<string>()
  const checked = new Set<string>()
  for await (const keys of scanKeys(client, pattern)) {
    const pipeline = client.pipeline()
    for (const key of keys) pipeline.pttl(key)
    const replies = (await pipeline.exec()) ?? []
    for (const [index, key] of keys.entries()) {
      const [error, ttl] = replies[index] ?? [new Error('no answer')]
      if (error) throw error
      // -2: expired since it was listed. SCAN may list a key twice.
      if (ttl === -2) continue
      checked.add(key)
      if (ttl === -1) immortal.add(key)
    }
  }
  return { checked: checked.size, immortal: [...immortal] }
}

const checkClient = async (client: Redis | Cluster, pattern: string): Promise<Findings> => {
  // ioredis puts a prefix before the key of PTTL, and not before the pattern of SCAN: every key would seem to be gone.
  if (client.options.keyPrefix)
    throw new Error('expectNoImmortalKeys needs a client without keyPrefix, a RealRedis or a URL')
  // A cluster knows its masters once it has talked to one of them.
  await client.ping()
  const nodes = 'nodes' in client ? client.nodes('master') : [client]
  return together(await Promise.all(nodes.map((node) => check(node, pattern))))
}

const checkUrl = (url: string, pattern: string): Promise<Findings> =>
  withProbeClient(url, (client) => check(client, pattern))

const checkAnything = async (redis: Checkable, pattern: string): Promise<Findings> => {
  if (typeof redis === 'string') return await checkUrl(redis, pattern)
  if (!('masters' in redis)) return await checkClient(redis, pattern)
  const masters = await redis.masters()
  return together(await Promise.all(masters.map(({ url }) => checkUrl(url, pattern))))
}

/**
 * Looks at every key of the pattern, on all masters, and resolves to how many there were.
 *
 * @throws Error that lists the keys without a TTL; or when the server could not be read, because then nothing is known
 *
 * @publicApi
 */
export const expectNoImmortalKeys = async (redis: Checkable, options: NoImmortalKeysOptions = {}): Promise<number> => {
  const pattern = options.pattern ?? 'am:*'
  const work = checkAnything(redis, pattern).catch((cause: unknown) => {
    throw new Error(`expectNoImmortalKeys could not read the server: ${isError(cause) ? cause.message : 'unknown'}`, {
      cause,
    })
  })
  const { checked, immortal } = await within(
    work,
    TIMEOUT_MS,
    `expectNoImmortalKeys could not read the server within ${TIMEOUT_MS} ms`,
  )
  if (immortal.length === 0) return checked
  const shown = immortal.slice(0, KEYS_SHOWN).map((key) => `  ${key}`)
  const rest = immortal.length - shown.length
  throw new Error(
    [`${immortal.length} of ${checked} keys have no TTL:`, ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])].join(
      '\n',
    ),
  )
}
