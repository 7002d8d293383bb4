import type { Abstract, Type } from '@nestjs/common'
import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import type { CredentialsProvider } from './credentials.interface.js'
import type { TokenCounter } from '../model/token-counter.js'
import type { ResilienceOptions } from './resilience-options.interface.js'
import type { SerializationOptions } from './serialization-options.interface.js'
import type { StateOption } from './state-option.interface.js'
import type { Duration, Size } from './units.interface.js'

/**
 * A Redis Cluster. The nodes to begin with, `{ host, port }` or a URL; the others are found by them. `options` are those of
 * ioredis, with credentials and TLS under `redisOptions`, and `natMap` where the nodes announce addresses that are not
 * reachable from here.
 *
 * @publicApi
 */
export interface ClusterConnection {
  readonly cluster: {
    readonly nodes: readonly (string | { readonly host: string; readonly port?: number })[]
    readonly options?: ClusterOptions
  }
}

/**
 * A master that sentinels watch over: its `name` and the `sentinels` to ask, beside ioredis options for the master itself
 * (`password`, `tls`, …) and for the sentinels (`sentinelUsername`, `sentinelPassword`, `enableTLSForSentinelMode`, …).
 *
 * @publicApi
 */
export interface SentinelConnection {
  readonly sentinel: Omit<RedisOptions, 'sentinels'> & {
    readonly name: string
    readonly sentinels: readonly { readonly host: string; readonly port?: number }[]
  }
}

/** @publicApi */
export interface ConnectionCredentials {
  /**
   * Gives user and password of each connection, in place of `username` and `password`, for those that change while the
   * application runs: a password that is rotated, a token that expires. Those of sentinels are not asked for by it.
   */
  readonly credentials?: CredentialsProvider | undefined
}

/**
 * How to reach Redis 7.0 or later, or Valkey 8 or later.
 *
 * Exactly one of:
 *
 * - `{ url }`, `redis://` or `rediss://`, with further ioredis options beside it if need be;
 * - ioredis options (`{ host, port, … }`, or `{ path, … }` for a Unix socket);
 * - `{ cluster: { nodes, options? } }`;
 * - `{ sentinel: { name, sentinels, … } }`;
 * - `{ client }`: an ioredis client the application owns, of one server, of sentinels or of a cluster. It is never touched: the
 *   module connects with a duplicate of it, which is the module's to close.
 *
 * All but `{ client }` may have `credentials` beside them.
 *
 * Whatever is given, the module's connection does not queue while offline, does not resend on its own and does not wait
 * without bound: `lazyConnect`, `enableOfflineQueue`, `autoResendUnfulfilledCommands`, `maxRetriesPerRequest`,
 * `commandTimeout`, `socketTimeout`, `retryStrategy` and the reply format are always the module's own.
 *
 * @publicApi
 */
export type ConnectionOptions =
  | ({ readonly url: string } & RedisOptions & ConnectionCredentials)
  | (ClusterConnection & ConnectionCredentials)
  | (SentinelConnection & ConnectionCredentials)
  | { readonly client: Redis | Cluster }
  | (RedisOptions & ConnectionCredentials)

/** @publicApi */
export interface SessionOptions {
  /**
   * How long a session lives after its last use. At most `maxAge`, where that is given as well.
   *
   * @default '7d'
   */
  readonly ttl?: Duration | undefined
  /**
   * Whether reads and writes extend the life of a session by `ttl`. When false, a session ends `ttl` after its creation.
   *
   * @default true
   */
  readonly sliding?: boolean | undefined
  /**
   * The end of a session, counted from its creation, however much it is used. Where it is shorter than the default of
   * `ttl`, it is what ends a session.
   *
   * @default '90d', or `ttl` where that is longer: a session does not end before the `ttl` that was asked for
   */
  readonly maxAge?: Duration | undefined
  /**
   * How many messages a session keeps. A whole number above 0.
   *
   * @default 10_000
   */
  readonly maxMessages?: number | undefined
  /**
   * How many bytes the records of a session (messages, state, summary) may take.
   *
   * @default '32mb'
   */
  readonly maxBytes?: Size | undefined
  /**
   * How many bytes one record may take. At most `maxBytes`, and at most `'512mb'`, which is what Redis keeps.
   *
   * @default '1mb', or `maxBytes` where that is smaller
   */
  readonly maxMessageBytes?: Size | undefined
  /**
   * What an append does that would pass `maxMessages` or `maxBytes`: drop the oldest messages and say how many, or refuse
   * with MemoryFullError.
   *
   * @default 'trim'
   */
  readonly onFull?: 'trim' | 'refuse' | undefined
}

/** @publicApi */
export interface SummaryOptions {
  /**
   * How long the copy of a summary is kept that outlives its session, counted from its commit.
   *
   * @default '90d'
   */
  readonly ttl?: Duration | undefined
}

/**
 * How many replicas a write is waited for that the master has stored. It is stored in any case, and its result says what
 * came of it: `stored: 'replicated'`, or `stored: 'redis'` where fewer acknowledged it in time; `replicas` says how many did.
 *
 * @publicApi
 */
export interface DurabilityOptions {
  /**
   * How many replicas have to acknowledge a write. A whole number above 0.
   *
   * @default 1
   */
  readonly replicas?: number | undefined
  /**
   * How long a write that is stored is held up for that, at the most; never longer than `resilience.deadline` allows. A
   * duration, or a number of milliseconds: above twice what a replica takes to answer.
   *
   * @default '100ms'
   */
  readonly timeout?: Duration | number | undefined
}

/**
 * A counter, or the class or token of a provider of the application. What is named by class or token is looked for in the
 * whole application when it is first needed, and at the latest when the application starts: it may inject the memory that it
 * counts for. Its scope is the default one.
 *
 * @publicApi
 */
export type TokenCounterOption = TokenCounter | Type<TokenCounter> | Abstract<TokenCounter> | string | symbol

/**
 * The options of `MemoryModule.forRoot`, and what the factory of `forRootAsync` returns. Left out or `undefined` stands
 * for the default. They are checked while the application is put together, before anything connects; one
 * MemoryConfigError lists every problem.
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
  readonly connectOnBoot?: 'background' | 'required' | undefined
  /**
   * The first part of every key: `am:{<namespace>:…}`. 1 to 64 of the characters `A-Z a-z 0-9 _ . -`.
   *
   * @default 'memory'
   */
  readonly namespace?: string | undefined
  readonly session?: SessionOptions | undefined
  readonly summary?: SummaryOptions | undefined
  /**
   * The rules for session state: a class with decorators of class-validator, or a Standard Schema of an object. Checked on
   * every write and every read; values are never changed by it.
   *
   * @default none: any value that can be kept
   */
  readonly state?: StateOption | undefined
  /**
   * Counts the tokens of messages, summary and state: see `TokenCounterOption`.
   *
   * @default EstimatingTokenCounter
   */
  readonly tokenCounter?: TokenCounterOption | undefined
  /** Which classes can be kept, and whether payloads are compressed or encrypted. */
  readonly serialization?: SerializationOptions | undefined
  /** Deadline, retries, load, and what happens while Redis is away. */
  readonly resilience?: ResilienceOptions | undefined
  /**
   * Waits for replicas after each write.
   *
   * @default none are waited for
   */
  readonly durability?: DurabilityOptions | undefined
  /**
   * Refuse to work on a server whose `maxmemory-policy` evicts keys. When false, it is logged as a warning.
   *
   * @default false
   */
  readonly requireNoEviction?: boolean | undefined
}
