import { Redis, type RedisOptions } from 'ioredis'
import { announceOnce } from './announce.js'
import { Clients, reconnectDelay } from './clients.js'
import { Closers, throwAll } from './closers.js'
import { aclUser, deleteUser, rotatePassword, type AclUser, type AclUserOptions } from './controls/acl.js'
import { busy } from './controls/busy.js'
import { fill, type EvictionPolicy, type FilledServer, type FillOptions } from './controls/fill.js'
import { kill } from './controls/kill.js'
import { loading } from './controls/loading.js'
import { misconf } from './controls/misconf.js'
import { pause, resume } from './controls/pause.js'
import { readOnly, type ReadOnlyOptions } from './controls/read-only.js'
import { serverCertificate } from './controls/server-certificate.js'
import { ServerControls } from './controls/server-controls.js'
import type { ServerFault } from './controls/server-fault.interface.js'
import { faultBySettings } from './controls/settings.js'
import { readRedisEnvironment } from './environment.js'
import type { RealRedisBackend, RealRedisOptions } from './real-redis-options.interface.js'
import type { RedisServer } from './redis-server.interface.js'
import { readServerInfo, type ServerInfo } from './server-info.js'
import { requireVersion } from './server-version.js'
import { startServer } from './start-server.js'
import type { RealRedisTls, ServerCertificate } from './tls/tls-options.interface.js'
import type { ServerAddress } from '../topology/reachable-redis.interface.js'
import type { TestRedis } from '../topology/test-redis.interface.js'

interface Running {
  readonly server: RedisServer
  readonly info: ServerInfo
  /** Absent where the server is no process of ours. */
  readonly controls: ServerControls | undefined
}

/**
 * A real Redis (or Valkey) for tests: the one in AGENT_MEMORY_TEST_REDIS_URL, a container, or a redis-server process.
 * A server that was started here is gone after `stop()`, and also when the process ends without it.
 *
 * @publicApi
 */
export class RealRedis implements TestRedis {
  readonly topology = 'standalone'
  readonly #options: RealRedisOptions
  readonly #clients = new Clients()
  readonly #closers = new Closers()
  #running: Running | undefined

  /** A server that is not started yet; `RealRedis.start()` makes one that is. */
  constructor(options: RealRedisOptions = {}) {
    this.#options = options
  }

  /**
   * Starts a server, or connects to the one in the environment. Which one is printed once in a run.
   *
   * @throws Error when there is none, or none of the version asked for, with the ways to get one
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
      const info = await readServerInfo(server.url).catch((cause: unknown) => {
        throw new Error(`no Redis answers at ${new URL(server.url).host}`, { cause })
      })
      requireVersion('RealRedis', readRedisEnvironment(this.#options).version, info)
      const controls = server.process && new ServerControls(server.url, server.process, undefined, server.tls?.url)
      this.#running = { server, info, controls }
    } catch (error) {
      await server.stop()
      throw error
    }
    const { backend, product, version } = this
    announceOnce(`${product} ${version}`, `${product} ${version} (backend: ${backend})`)
  }

  /**
   * As `redis://127.0.0.1:40123`, with the credentials of AGENT_MEMORY_TEST_REDIS_URL if it has any; of a server with TLS,
   * as `rediss://127.0.0.1:40124`.
   */
  get url(): string {
    const { server } = this.#get()
    return server.tls?.url ?? server.url
  }

  /** Without TLS. @internal */
  get plainUrl(): string {
    return this.#get().server.url
  }

  /** What to give to a client as its `tls`; `undefined` where the server has no TLS. */
  get tls(): RealRedisTls | undefined {
    return this.#clientTls('client')
  }

  /** As `tls`, with a certificate of the client that has expired. */
  get expiredTls(): RealRedisTls | undefined {
    return this.#clientTls('expiredClient')
  }

  get host(): string {
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    return new URL(this.url).hostname.replace(/^\[(.*)\]$/, '$1')
  }

  get port(): number {
    return Number(new URL(this.url).port || 6379)
  }

  /** What `MemoryModule.forRoot` takes as `connection`. */
  get connection(): { readonly url: string; readonly tls?: RealRedisTls } {
    const { url, tls } = this
    return { url, ...(tls && { tls }) }
  }

  /** @internal */
  get servers(): readonly ServerAddress[] {
    return [{ host: this.host, port: this.port }]
  }

  /** This server: what clusters have several of. */
  masters(): Promise<readonly (ServerAddress & { readonly url: string })[]> {
    const { host, port, plainUrl: url } = this
    return Promise.resolve([{ host, port, url }])
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

  /**
   * A client for looking at the server from a test, without TLS also where it has some; `stop()` closes it. It comes back
   * soon after a restart.
   */
  client(options: RedisOptions = {}): Redis {
    return this.#clients.keep(
      new Redis(this.plainUrl, { retryStrategy: reconnectDelay, disconnectTimeout: 100, ...options }),
    )
  }

  /**
   * Ends the server and starts it again on the same port, with what it held or empty. One that was killed comes back with
   * what it had on disk, which by default is what `save()` wrote last.
   *
   * @throws Error with the backends `url` and `docker`
   */
  async restart({ keepData }: { readonly keepData: boolean }): Promise<void> {
    const controls = this.#controls('restart')
    await controls.leave()
    await controls.process.restart({ keepData })
  }

  /**
   * Stops the process (SIGSTOP): connections are accepted and nothing is answered, until `resume()`; what was sent
   * meanwhile is executed then.
   *
   * @throws Error when the server is down, and as `restart()`
   */
  pause(): Promise<ServerFault> {
    return pause(this.#controls('pause'))
  }

  /** Lets a paused server go on (SIGCONT). @throws as `restart()` */
  resume(): Promise<void> {
    return resume(this.#controls('resume'))
  }

  /**
   * Kills the process (SIGKILL): connections break, nothing is saved, and new ones are refused, until `restart()`.
   *
   * @throws as `restart()`
   */
  kill(): Promise<ServerFault> {
    return kill(this.#controls('kill'))
  }

  /** Writes a snapshot to disk: what `restart({ keepData: true })` goes back to after `kill()`. @throws as `restart()` */
  async save(): Promise<void> {
    const admin = await this.#controls('save').admin()
    await admin.save()
  }

  /**
   * Fills the memory with keys of its own, which have a TTL, until the server really evicts keys or refuses writes (OOM).
   *
   * @throws as `restart()`
   */
  fill(policy: EvictionPolicy, options: FillOptions = {}): Promise<FilledServer> {
    return fill(this.#controls('fill'), policy, options)
  }

  /** Has a snapshot fail: writes answer MISCONF, and so does PING; reads go on. @throws as `restart()` */
  misconf(): Promise<ServerFault> {
    return misconf(this.#controls('misconf'))
  }

  /**
   * Restarts the server with what it held, and much more, which it takes long to load: commands answer LOADING, until
   * `restore()`.
   *
   * @throws as `restart()`
   */
  loading(): Promise<ServerFault> {
    return loading(this.#controls('loading'))
  }

  /** Runs an endless script: commands answer BUSY, until `restore()`. @throws as `restart()` */
  busy(): Promise<ServerFault> {
    return busy(this.#controls('busy'))
  }

  /** Allows so many connections; those there are stay, and one more is closed by the server. @throws as `restart()` */
  maxClients(count: number): Promise<ServerFault> {
    return faultBySettings(this.#controls('maxClients'), { maxclients: count })
  }

  /** Makes it a replica without a master: writes answer READONLY. @throws as `restart()` */
  readOnly(options: ReadOnlyOptions = {}): Promise<ServerFault> {
    return readOnly(this.#controls('readOnly'), options)
  }

  /** Demands a replica, of which there is none: writes answer NOREPLICAS. @throws as `restart()` */
  noReplicas(): Promise<ServerFault> {
    return faultBySettings(this.#controls('noReplicas'), { 'min-replicas-to-write': 1 })
  }

  /** Forgets all scripts: EVALSHA answers NOSCRIPT until they are loaded again. @throws as `restart()` */
  async scriptFlush(): Promise<void> {
    const admin = await this.#controls('scriptFlush').admin()
    await admin.script('FLUSH')
  }

  /**
   * Has a server with TLS show another certificate to those that connect from now on; `'valid'` is what it starts with.
   *
   * @throws Error when it has no TLS, and as `restart()`
   */
  serverCertificate(certificate: ServerCertificate): Promise<ServerFault> {
    const controls = this.#controls('serverCertificate')
    if (this.tls !== undefined) return serverCertificate(controls, certificate)
    throw new Error('RealRedis.serverCertificate() needs a server with TLS: RealRedis.start({ tls: true })')
  }

  /** Makes a user, or changes the rules of one: what they do not allow answers NOPERM. @throws as `restart()` */
  aclUser(options: AclUserOptions): Promise<AclUser> {
    return aclUser(this.#controls('aclUser'), options)
  }

  /**
   * Gives a user another password in place of all it had: new connections with an old one answer WRONGPASS, and without
   * one NOAUTH; those there are stay.
   *
   * @throws Error when there is no such user, and as `restart()`
   */
  rotatePassword(name: string, password: string): Promise<AclUser> {
    return rotatePassword(this.#controls('rotatePassword'), name, password)
  }

  /**
   * Deletes a user: its connections are closed, and new ones answer WRONGPASS.
   *
   * @throws Error when there is no such user, and as `restart()`
   */
  deleteUser(name: string): Promise<ServerFault> {
    return deleteUser(this.#controls('deleteUser'), name)
  }

  /**
   * Called by `stop()` while the server still answers; what is to be `'last'` comes after all others. Returns how to take
   * it back. @internal
   */
  beforeStop(close: () => Promise<void>, order: 'first' | 'last' = 'first'): () => void {
    return this.#closers.add(close, order)
  }

  /**
   * Takes back what was done to the server, closes what was opened on it, then ends it if it was started here. May be
   * called again.
   */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    await running.controls?.restoreAll()
    const failures = await this.#closers.closeAll()
    this.#running = undefined
    this.#clients.close()
    await running.server.stop()
    throwAll(failures, 'RealRedis.stop()')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #clientTls(name: 'client' | 'expiredClient'): RealRedisTls | undefined {
    const certificates = this.#get().server.tls?.certificates
    return certificates && { ca: certificates.authority, cert: certificates[name], key: certificates.key }
  }

  /** @throws Error where the server is no process of ours */
  #controls(method: string): ServerControls {
    const { controls, server } = this.#get()
    if (controls !== undefined) return controls
    throw new Error(`RealRedis.${method}() needs a server of { backend: 'binary' }; this one is of "${server.backend}"`)
  }

  #get(): Running {
    if (this.#running === undefined)
      throw new Error(
        'RealRedis: the server is not running; use it inside hooks and tests, after start() and before stop()',
      )
    return this.#running
  }
}
