import { Redis, type RedisOptions } from 'ioredis'
import { announceOnce } from '../real-redis/announce.js'
import { Clients, reconnectDelay } from '../real-redis/clients.js'
import { faultOf } from '../real-redis/controls/faults.js'
import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import { Closers, throwAll } from '../real-redis/closers.js'
import { readRedisEnvironment } from '../real-redis/environment.js'
import { readServerInfo, type ServerInfo } from '../real-redis/server-info.js'
import { requireVersion } from '../real-redis/server-version.js'
import { chooseServerSet } from '../server-set/choose-server-set.js'
import { cutMemberOff, killMember, pauseMember } from '../server-set/member-faults.js'
import type { Member } from '../server-set/member.js'
import { wholeNumberOption } from '../server-set/whole-number-option.js'
import type { SentinelConnection } from '../../options/memory-options.interface.js'
import type { ServerAddress } from '../topology/reachable-redis.interface.js'
import type { GroupMaster, RedisGroup } from '../topology/redis-group.interface.js'
import { failOver } from './fail-over.js'
import { handBack } from './hand-back.js'
import type { RealRedisSentinelOptions } from './real-redis-sentinel-options.interface.js'
import { masterPort, SentinelMembers } from './sentinel-members.js'
import { HOST, NAME, type SetOptions } from './sentinel-plans.js'
import { settle } from './settle.js'
import type { MasterFault, WatchedServer } from './watched-server.interface.js'

const KIT = 'RealRedisSentinel'
const SETTLE_TIMEOUT_MS = 30_000

/** A Sentinel writes passwords into its file as they are, and could not read it again. */
const readPassword = (name: string, password: string | undefined): string | undefined => {
  if (password === undefined || /^[^\s"'\\]+$/.test(password)) return password
  throw new Error(`${KIT}: "${name}" must be text without spaces, quotes and backslashes`)
}

const readOptions = (options: RealRedisSentinelOptions): SetOptions => ({
  replicas: wholeNumberOption(KIT, 'replicas', options.replicas ?? 2, 0),
  sentinels: wholeNumberOption(KIT, 'sentinels', options.sentinels ?? 3, 1),
  quorum: wholeNumberOption(KIT, 'quorum', options.quorum ?? 2, 1),
  args: options.args ?? [],
  password: readPassword('password', options.password),
  sentinelPassword: readPassword('sentinelPassword', options.sentinelPassword),
  downAfter: wholeNumberOption(KIT, 'downAfter', options.downAfter ?? 2_000, 100),
  failoverTimeout: wholeNumberOption(KIT, 'failoverTimeout', options.failoverTimeout ?? 3_000, 100),
})

const toServer = ({ plan, url }: Member): WatchedServer => ({ host: HOST, port: plan.port, url })

/**
 * A real master with replicas, watched by real Sentinels, for tests: servers of its own on free ports of 127.0.0.1. What is
 * done to them is real, and so is what they do then. They are gone after `stop()`, and also when the process ends without it.
 *
 * @example
 * await using set = await RealRedisSentinel.start()
 * const client = new Redis({ sentinels: [...set.sentinels], name: set.name })
 * await client.set('key', 'value')
 * await set.killMaster()
 * await set.settled()
 *
 * @publicApi
 */
export class RealRedisSentinel implements RedisGroup, AsyncDisposable {
  readonly #members: SentinelMembers
  readonly #options: SetOptions
  readonly #info: ServerInfo
  readonly #clients = new Clients()
  readonly #closers = new Closers()

  private constructor(members: SentinelMembers, options: SetOptions, info: ServerInfo) {
    this.#members = members
    this.#options = options
    this.#info = info
  }

  /**
   * Starts the servers; resolves when the replicas are connected and all Sentinels know one another.
   *
   * @throws Error when there is no server to start, with the way to get one, or it does not come up
   */
  static async start(options: RealRedisSentinelOptions = {}): Promise<RealRedisSentinel> {
    const read = readOptions(options)
    const environment = readRedisEnvironment(options)
    const set = await chooseServerSet(KIT, environment)
    try {
      const members = await SentinelMembers.start(set, read)
      const info = await readServerInfo(members.watched[0]?.url ?? '')
      requireVersion(KIT, environment.version, info)
      await settle(members, SETTLE_TIMEOUT_MS)
      announceOnce(`${info.product} ${info.version}`, `${info.product} ${info.version} (backend: ${set.backend})`)
      return new RealRedisSentinel(members, read, info)
    } catch (error) {
      await set.stop()
      throw error
    }
  }

  /** By which name the Sentinels know the master. */
  get name(): string {
    return NAME
  }

  /** What to give to a client: where the Sentinels are. */
  get sentinels(): readonly { readonly host: string; readonly port: number }[] {
    return this.#members.sentinels.map(({ plan }) => ({ host: HOST, port: plan.port }))
  }

  /** What `MemoryModule.forRoot` takes as `connection`. */
  get connection(): SentinelConnection {
    const { password, sentinelPassword } = this.#options
    return { sentinel: { name: NAME, sentinels: this.sentinels, password, sentinelPassword } }
  }

  /** @internal */
  get servers(): readonly ServerAddress[] {
    return this.#members.watched.map(({ plan }) => ({ host: HOST, port: plan.port }))
  }

  /** The master, as a Sentinel sees it: what clusters have several of. @throws Error when no Sentinel is up */
  async masters(): Promise<readonly WatchedServer[]> {
    return [await this.master()]
  }

  /** As `7.0.15`. */
  get version(): string {
    return this.#info.version
  }

  get product(): 'redis' | 'valkey' {
    return this.#info.product
  }

  get backend(): 'binary' | 'docker' {
    return this.#members.set.backend
  }

  /** A client that asks the Sentinels for the master, for looking at it from a test; `stop()` closes it. */
  client(options: RedisOptions = {}): Redis {
    const { password, sentinelPassword } = this.#options
    const sentinels = [...this.sentinels]
    return this.#clients.keep(
      new Redis({
        sentinels,
        name: NAME,
        password,
        sentinelPassword,
        retryStrategy: reconnectDelay,
        sentinelRetryStrategy: reconnectDelay,
        disconnectTimeout: 100,
        ...options,
      }),
    )
  }

  /** A client for looking at one server, whatever it is; `stop()` closes it. */
  serverClient({ url }: Pick<WatchedServer, 'url'>, options: RedisOptions = {}): Redis {
    return this.#clients.keep(new Redis(url, { retryStrategy: reconnectDelay, disconnectTimeout: 100, ...options }))
  }

  /** Who is master, as a Sentinel sees it that is up. @throws Error when none is up */
  async master(): Promise<WatchedServer> {
    return toServer(await this.#master())
  }

  /** The replicas that are up, as a Sentinel sees it that is up. @throws Error when none is up */
  async replicas(): Promise<readonly WatchedServer[]> {
    const { replicas } = await this.#members.view()
    const up = replicas.filter((fields) => fields.get('flags') === 'slave')
    const members = up.map((fields) => this.#members.at(Number(fields.get('port'))))
    return members.filter((member) => member !== undefined).map(toServer)
  }

  /**
   * Resolves when all is well: the Sentinels that are up agree on a master that is up and knows it, the others that are up
   * are connected to it, and there are Sentinels enough to elect another one. Servers that are killed, paused or cut off do
   * not count. A former master that is back is told after about ten seconds that it is none.
   *
   * @throws Error after `within` ms (30,000), with what is not as it should be
   */
  settled({ within = SETTLE_TIMEOUT_MS }: { readonly within?: number } = {}): Promise<void> {
    return settle(this.#members, within)
  }

  /**
   * Kills the master (SIGKILL): connections break and nothing is saved. `restore()` starts it again, as the master or
   * replica that it last was, with what it had on disk.
   *
   * @throws Error with the backend `docker`
   */
  async killMaster(): Promise<MasterFault> {
    const master = await this.#master()
    return { ...(await killMember(master, `${KIT}.killMaster`)), master: toServer(master) }
  }

  /**
   * Stops the process of the master (SIGSTOP): it accepts connections and answers nothing. `restore()` lets it go on
   * (SIGCONT): it executes what it was sent meanwhile, and goes on as master until it is told that it is none.
   *
   * @throws Error with the backend `docker`
   */
  async pauseMaster(): Promise<MasterFault> {
    const master = await this.#master()
    return { ...(await pauseMember(master, `${KIT}.pauseMaster`)), master: toServer(master) }
  }

  /**
   * Has the Sentinels put a replica in the place of the master, as an operator does (SENTINEL FAILOVER). Resolves when it
   * is master and they all know; the former master is told about ten seconds later. `restore()` makes that one master
   * again.
   *
   * @throws Error when there is no replica that is up
   */
  async failover(): Promise<MasterFault> {
    const former = await this.#master()
    await failOver(this.#members, former)
    return { ...faultOf(() => handBack(this.#members, former)), master: toServer(former) }
  }

  /**
   * Cuts the master off from its replicas and from the Sentinels. It goes on serving its clients, present and new ones, also
   * when another one has taken its place; what it acknowledged is lost when it comes back. The connections between them are
   * closed, and new ones get no answer; while it changes over, new connections of clients are refused for some milliseconds.
   * `restore()` brings it back.
   *
   * @throws Error with the backend `docker`, and on systems other than Linux
   */
  async partitionMaster(): Promise<MasterFault> {
    const master = await this.#master()
    return { ...(await cutMemberOff(master, `${KIT}.partitionMaster`)), master: toServer(master) }
  }

  /**
   * Kills Sentinels (SIGKILL). `restore()` starts them again, with what they knew.
   *
   * @throws Error with the backend `docker`
   */
  async killSentinels({ count = Infinity }: { readonly count?: number } = {}): Promise<ServerFault> {
    const sentinels = this.#members.sentinels.filter(({ live }) => live).slice(0, count)
    const faults = await Promise.all(sentinels.map((sentinel) => killMember(sentinel, `${KIT}.killSentinels`)))
    return faultOf(async () => {
      await Promise.all(faults.map((fault) => fault.restore()))
    })
  }

  /** @internal */
  async groupMasters(): Promise<readonly GroupMaster[]> {
    return [{ member: await this.#master(), tag: '' }]
  }

  /** @internal */
  beforeStop(close: () => Promise<void>, order?: 'first' | 'last'): () => void {
    return this.#closers.add(close, order)
  }

  /**
   * Takes back what was done to the servers, as far as it keeps clients out, closes what was opened on them and ends the
   * servers. May be called again.
   */
  async stop(): Promise<void> {
    const { set } = this.#members
    await set.faults.restoreAll()
    const failures = await this.#closers.closeAll()
    this.#clients.close()
    await set.stop()
    throwAll(failures, `${KIT}.stop()`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #master(): Promise<Member> {
    const port = masterPort(await this.#members.view())
    const master = this.#members.at(port)
    if (master === undefined) throw new Error(`${KIT}: the Sentinels name a master that is none of ours`)
    return master
  }
}
