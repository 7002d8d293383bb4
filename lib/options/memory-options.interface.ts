import type { Redis, RedisOptions } from 'ioredis'

type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'y'
type SizeUnit = 'b' | 'kb' | 'mb' | 'gb'

/**
 * A number with its unit: `'250ms'`, `'30m'`, `'7d'`. Above 0, at most 10 years.
 *
 * @publicApi
 */
export type Duration = `${number}${DurationUnit}`

/**
 * Bytes, or a number with its unit of 1,024: `65536`, `'64kb'`, `'1mb'`.
 *
 * @publicApi
 */
export type Size = number | `${number}${SizeUnit}`

/**
 * How to reach Redis 7.0 or later, or Valkey 8 or later.
 *
 * - `{ url }`, with further ioredis options beside it if need be;
 * - ioredis options (`{ host, port, … }`);
 * - `{ client }`: an ioredis client the application owns. It is never touched: the module connects with a duplicate of
 *   it, which is the module's to close.
 *
 * Whatever is given, the module's connection does not queue while offline, does not resend on its own and does not wait
 * without bound: `lazyConnect`, `enableOfflineQueue`, `autoResendUnfulfilledCommands`, `maxRetriesPerRequest`,
 * `commandTimeout`, `socketTimeout`, `retryStrategy` and the reply format are always the module's own.
 *
 * @publicApi
 */
export type ConnectionOptions = ({ readonly url: string } & RedisOptions) | { readonly client: Redis } | RedisOptions

/** @publicApi */
export interface SessionOptions {
  /**
   * How long a session lives after its last use.
   *
   * @default '7d'
   */
  readonly ttl?: Duration
  /**
   * Whether reads and writes extend the life of a session by `ttl`. When false, a session ends `ttl` after its creation.
   *
   * @default true
   */
  readonly sliding?: boolean
  /**
   * The end of a session, counted from its creation, however much it is used.
   *
   * @default '90d'
   */
  readonly maxAge?: Duration
  /**
   * How many messages a session keeps.
   *
   * @default 10_000
   */
  readonly maxMessages?: number
  /**
   * How many bytes the records of a session (messages, state, summary) may take.
   *
   * @default '32mb'
   */
  readonly maxBytes?: Size
  /**
   * How many bytes one record may take.
   *
   * @default '1mb'
   */
  readonly maxMessageBytes?: Size
  /**
   * What an append does that would pass `maxMessages` or `maxBytes`: drop the oldest messages and say how many, or refuse
   * with MemoryFullError.
   *
   * @default 'trim'
   */
  readonly onFull?: 'trim' | 'refuse'
}

/** @publicApi */
export interface SummaryOptions {
  /**
   * How long the summary of a session outlives it.
   *
   * @default '90d'
   */
  readonly ttl?: Duration
}

/** @publicApi */
export interface ResilienceOptions {
  /**
   * The time within which every call settles, waiting for a connection included; a duration or milliseconds.
   *
   * @default '2s'
   */
  readonly deadline?: Duration | number
}

/**
 * The options of `MemoryModule.forRoot`.
 *
 * @publicApi
 */
export interface MemoryModuleOptions {
  readonly connection: ConnectionOptions
  /**
   * `background`: the application starts also while Redis is away. `required`: it does not, and says why.
   *
   * @default 'background'
   */
  readonly connectOnBoot?: 'background' | 'required'
  /**
   * The first part of every key: `am:{<namespace>:…}`.
   *
   * @default 'memory'
   */
  readonly namespace?: string
  readonly session?: SessionOptions
  readonly summary?: SummaryOptions
  readonly resilience?: ResilienceOptions
  /**
   * Refuse to work on a server whose `maxmemory-policy` evicts keys. When false, it is logged as a warning.
   *
   * @default false
   */
  readonly requireNoEviction?: boolean
}
