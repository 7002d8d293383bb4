import { Redis, type RedisOptions } from 'ioredis'
import { announceOnce } from './announce.js'
import type { RealRedisBackend, RealRedisOptions } from './real-redis-options.interface.js'
import type { RedisServer } from './redis-server.interface.js'
import { readServerInfo, type ServerInfo } from './server-info.js'
import { startServer } from './start-server.js'

interface Running {
  readonly server: RedisServer
  readonly info: ServerInfo
}

const reconnectDelay = (times: number): number => Math.min(20 * times, 200)

/**
 * A real Redis (or Valkey) for tests: the one in AGENT_MEMORY_TEST_REDIS_URL, a container, or a redis-server process.
 * A server that was started here is gone after `stop()`, and also when the process ends without it.
 *
 * @publicApi
 */
export class RealRedis implements AsyncDisposable {
  readonly #options: RealRedisOptions
  readonly #clients = new Set<Redis>()
  readonly #users = new Set<() => Promise<void>>()
  #running: Running | undefined

  /** A server that is not started yet; `RealRedis.start()` makes one that is. */
  constructor(options: RealRedisOptions = {}) {
    this.#options = options
  }

  /**
   * Starts a server, or connects to the one in the environment. Which one is printed once in a run.
   *
   * @throws Error when there is none, with the ways to get one
   */
  static async start(options: RealRedisOptions = {}): Promise<RealRedis> {
    const redis = new RealRedis(options)
    await redis.start()
    return redis
  }

  /** @throws Error when it is started already, or cannot be */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error('RealRedis: this server is started already')
    const server = await startServer(this.#options)
    try {
      this.#running = { server, info: await readServerInfo(server.url) }
    } catch (cause) {
      await server.stop()
      throw new Error(`no Redis answers at ${new URL(server.url).host}`, { cause })
    }
    const { backend, product, version } = this
    announceOnce(`${product} ${version}`, `${product} ${version} (backend: ${backend})`)
  }

  /** As `redis://127.0.0.1:40123`, with the credentials of AGENT_MEMORY_TEST_REDIS_URL if it has any. */
  get url(): string {
    return this.#get().server.url
  }

  get host(): string {
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    return new URL(this.url).hostname.replace(/^\[(.*)\]$/, '$1')
  }

  get port(): number {
    return Number(new URL(this.url).port || 6379)
  }

  /** As `7.0.15`. */
  get version(): string {
    return this.#get().info.version
  }

  get product(): 'redis' | 'valkey' {
    return this.#get().info.product
  }

  get backend(): RealRedisBackend {
    return this.#get().server.backend
  }

  /** A client for looking at the server from a test; `stop()` closes it. It comes back soon after a restart. */
  client(options: RedisOptions = {}): Redis {
    const client = new Redis(this.url, { retryStrategy: reconnectDelay, disconnectTimeout: 100, ...options })
    // Commands report what fails; without a listener ioredis prints each lost connection.
    client.on('error', () => undefined)
    client.on('end', () => this.#clients.delete(client))
    this.#clients.add(client)
    return client
  }

  /**
   * Ends the server and starts it again on the same port, with what it held or empty.
   *
   * @throws Error with the backends `url` and `docker`
   */
  async restart(options: { readonly keepData: boolean }): Promise<void> {
    const { server } = this.#get()
    if (server.restart === undefined)
      throw new Error(`RealRedis.restart() needs a server of { backend: 'binary' }; this one is of "${server.backend}"`)
    await server.restart(options)
  }

  /** Called by `stop()` first, while the server still answers. Returns how to take it back. @internal */
  beforeStop(close: () => Promise<void>): () => void {
    this.#users.add(close)
    return () => this.#users.delete(close)
  }

  /** Closes what was opened on this server, then ends it if it was started here. May be called again. */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const closed = await Promise.allSettled([...this.#users].map((close) => close()))
    this.#running = undefined
    for (const client of this.#clients) client.disconnect()
    await running.server.stop()
    const failed = closed.filter((result) => result.status === 'rejected')
    if (failed.length > 0)
      throw new AggregateError(
        failed.map(({ reason }) => reason as unknown),
        'RealRedis.stop() failed',
      )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #get(): Running {
    if (this.#running === undefined)
      throw new Error(
        'RealRedis: the server is not running; use it inside hooks and tests, after start() and before stop()',
      )
    return this.#running
  }
}
