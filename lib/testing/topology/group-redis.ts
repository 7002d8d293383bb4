import type { Cluster, Redis } from 'ioredis'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import { busy } from '../real-redis/controls/busy.js'
import { faultOf } from '../real-redis/controls/faults.js'
import { fill, type EvictionPolicy, type FilledServer, type FillOptions } from '../real-redis/controls/fill.js'
import { misconf } from '../real-redis/controls/misconf.js'
import { resume } from '../real-redis/controls/pause.js'
import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import { faultBySettings } from '../real-redis/controls/settings.js'
import type { RealRedisBackend, RealRedisOptions } from '../real-redis/real-redis-options.interface.js'
import { controlsOf, killMember, pauseMember, restartMember } from '../server-set/member-faults.js'
import type { ServerAddress } from './reachable-redis.interface.js'
import type { GroupMaster, RedisGroup } from './redis-group.interface.js'
import { startGroup } from './start-group.js'
import type { TestRedis } from './test-redis.interface.js'
import type { Topology } from './topology.js'

/** More than any master has. */
const MANY_REPLICAS = 1_000

/** What `describeWithRedis` hands out where a suite is run on servers that belong together. */
export class GroupRedis implements TestRedis {
  readonly topology: Exclude<Topology, 'standalone'>
  readonly #options: RealRedisOptions
  #group: RedisGroup | undefined

  constructor(topology: Exclude<Topology, 'standalone'>, options: RealRedisOptions) {
    this.topology = topology
    this.#options = options
  }

  /** @throws Error when it is started already, or cannot be */
  async start(): Promise<void> {
    if (this.#group !== undefined) throw new Error(`this ${this.topology} is started already`)
    this.#group = await startGroup(this.topology, this.#options)
  }

  get connection(): ConnectionOptions {
    return this.#get().connection
  }

  get servers(): readonly ServerAddress[] {
    return this.#get().servers
  }

  get backend(): RealRedisBackend {
    return this.#get().backend
  }

  get product(): 'redis' | 'valkey' {
    return this.#get().product
  }

  get version(): string {
    return this.#get().version
  }

  /** Not in the interface: for tests without types, which would go on with `undefined`, to whatever listens on port 6379. */
  get url(): never {
    throw new Error(`a ${this.topology} has no URL: give its connection to MemoryModule.forRoot`)
  }

  client(): Redis | Cluster {
    return this.#get().client()
  }

  masters(): ReturnType<TestRedis['masters']> {
    return this.#get().masters()
  }

  async restart({ keepData }: { readonly keepData: boolean }): Promise<void> {
    await this.#onMasters('restart', ({ member }) => restartMember(member, 'restart', keepData))
    await this.#get().settled()
  }

  pause(): Promise<ServerFault> {
    return this.#fault('pause', ({ member }) => pauseMember(member, 'pause'))
  }

  async resume(): Promise<void> {
    await this.#onMasters('resume', async ({ member }) => {
      await resume(controlsOf(member, 'resume'))
      member.away.delete('paused')
    })
    await this.#get().settled()
  }

  kill(): Promise<ServerFault> {
    return this.#fault('kill', ({ member }) => killMember(member, 'kill'))
  }

  async save(): Promise<void> {
    await this.#onMasters('save', async ({ member }) => (await member.admin()).save())
  }

  async fill(policy: EvictionPolicy, options: FillOptions = {}): Promise<FilledServer> {
    const filled = await this.#onMasters('fill', ({ member, tag }) =>
      fill(controlsOf(member, 'fill'), policy, options, tag),
    )
    return {
      ...this.#together(filled),
      evictedKeys: filled.reduce((sum, { evictedKeys }) => sum + evictedKeys, 0),
      oom: filled.every(({ oom }) => oom),
    }
  }

  misconf(): Promise<ServerFault> {
    return this.#fault('misconf', ({ member }) => misconf(controlsOf(member, 'misconf')))
  }

  busy(): Promise<ServerFault> {
    return this.#fault('busy', ({ member }) => busy(controlsOf(member, 'busy')))
  }

  maxClients(count: number): Promise<ServerFault> {
    return this.#fault('maxClients', ({ member }) =>
      faultBySettings(controlsOf(member, 'maxClients'), { maxclients: count }),
    )
  }

  noReplicas(): Promise<ServerFault> {
    return this.#fault('noReplicas', ({ member }) =>
      faultBySettings(controlsOf(member, 'noReplicas'), { 'min-replicas-to-write': MANY_REPLICAS }),
    )
  }

  async scriptFlush(): Promise<void> {
    await this.#onMasters('scriptFlush', async ({ member }) => (await member.admin()).script('FLUSH'))
  }

  beforeStop(close: () => Promise<void>, order?: 'first' | 'last'): () => void {
    return this.#get().beforeStop(close, order)
  }

  async stop(): Promise<void> {
    // Until then, what was opened on it is closed with its help.
    await this.#group?.stop().finally(() => {
      this.#group = undefined
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #onMasters<T>(method: string, work: (master: GroupMaster) => Promise<T>): Promise<T[]> {
    return await Promise.all((await this.#get().groupMasters(method)).map(work))
  }

  async #fault(method: string, work: (master: GroupMaster) => Promise<ServerFault>): Promise<ServerFault> {
    return this.#together(await this.#onMasters(method, work))
  }

  /** Taken back together; all is well then. */
  #together(faults: readonly ServerFault[]): ServerFault {
    const group = this.#get()
    return faultOf(async () => {
      await Promise.all(faults.map((fault) => fault.restore()))
      await group.settled()
    })
  }

  #get(): RedisGroup {
    if (this.#group === undefined) throw new Error(`the ${this.topology} is not running; use it inside hooks and tests`)
    return this.#group
  }
}
