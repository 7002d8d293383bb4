import type { ChainableCommander, Redis } from 'ioredis'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'
import { changeSettings } from './settings.js'

/**
 * What a server does that has no memory left; Redis calls it `maxmemory-policy`.
 *
 * @publicApi
 */
export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl'

/** @publicApi */
export interface FillOptions {
  /**
   * How much the server may take, as in its configuration.
   *
   * @default '8mb'
   */
  readonly maxmemory?: string
  /**
   * How long the filler keys live, in milliseconds; `volatile-ttl` evicts what dies first.
   *
   * @default 3_600_000
   */
  readonly ttl?: number
  /**
   * How many keys are to be evicted before it is full enough.
   *
   * @default 1
   */
  readonly evictions?: number
}

/** @publicApi */
export interface FilledServer extends ServerFault {
  /** How many keys were evicted to make room. */
  readonly evictedKeys: number
  /** Whether writes are refused. */
  readonly oom: boolean
}

const PREFIX = 'agent-memory-filler:'
const HOUR_MS = 3_600_000
const MAX_KEYS = 1_000_000
const BATCH = 200
const FILLER = 'x'.repeat(1_024)

const numberOf = (info: string, field: string): number =>
  Number(new RegExp(String.raw`^${field}:(\d+)`, 'm').exec(info)?.[1])

const evictedKeys = async (admin: Redis): Promise<number> => numberOf(await admin.info('stats'), 'evicted_keys')

/** @returns whether one of them was refused for want of memory */
const write = async (admin: Redis, prefix: string, from: number, ttl: number): Promise<boolean> => {
  const pipeline = admin.pipeline()
  for (let index = from; index < from + BATCH; index += 1) pipeline.set(`${prefix}${index}`, FILLER, 'PX', ttl)
  const results = (await pipeline.exec()) ?? []
  const refusal = results.find(([error]) => error !== null)?.[0]
  if (refusal === undefined || refusal === null) return false
  if (refusal.message.startsWith('OOM')) return true
  throw refusal
}

const removeFillers = async (admin: Redis, prefix: string, count: number): Promise<void> => {
  const pipeline: ChainableCommander = admin.pipeline()
  for (let index = 0; index < count; index += 1) pipeline.unlink(`${prefix}${index}`)
  await pipeline.exec()
}

/** @param tag what stands in the keys of this server, where others have the others */
export const fill = async (
  controls: ServerControls,
  policy: EvictionPolicy,
  { maxmemory = '8mb', ttl = HOUR_MS, evictions = 1 }: FillOptions,
  tag = '',
): Promise<FilledServer> => {
  const prefix = `${PREFIX}${tag}`
  const admin = await controls.admin()
  const evictedBefore = await evictedKeys(admin)
  const before = await changeSettings(admin, { maxmemory, 'maxmemory-policy': policy })
  let written = 0
  const fault = controls.fault(async () => {
    const client = await controls.admin()
    await changeSettings(client, before)
    await removeFillers(client, prefix, written)
  })
  let oom = false
  let evicted = 0
  while (!oom && evicted < evictions && written < MAX_KEYS) {
    oom = await write(admin, prefix, written, ttl)
    written += BATCH
    evicted = (await evictedKeys(admin)) - evictedBefore
  }
  // The buffers of the commands that filled it are free again; without this the next small writes would fit in there.
  if (oom) await admin.config('SET', 'maxmemory', Math.floor(numberOf(await admin.info('memory'), 'used_memory') * 0.9))
  return { ...fault, evictedKeys: evicted, oom }
}
