import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis'
import { announceOnce } from '../real-redis/announce.js'
import { Clients, reconnectDelay } from '../real-redis/clients.js'
import { Closers, throwAll } from '../real-redis/closers.js'
import { readRedisEnvironment } from '../real-redis/environment.js'
import { readServerInfo, type ServerInfo } from '../real-redis/server-info.js'
import { requireVersion } from '../real-redis/server-version.js'
import { chooseServerSet } from '../server-set/choose-server-set.js'
import { killMember, pauseMember, restartMember } from '../server-set/member-faults.js'
import { wholeNumberOption } from '../server-set/whole-number-option.js'
import type { ClusterConnection } from '../../options/memory-options.interface.js'
import type { ServerAddress } from '../topology/reachable-redis.interface.js'
import type { GroupMaster, RedisGroup } from '../topology/redis-group.interface.js'
import { addNode, removeNode } from './add-and-remove.js'
import { lastingAsking } from './asking.js'
import { ClusterMembers } from './cluster-members.js'
import type { ClusterNode } from './cluster-node.interface.js'
import { failOver } from './fail-over.js'
import { formCluster } from './form-cluster.js'
import type { NodeFault } from './node-fault.interface.js'
import { partition } from './partition.js'
import type { RealRedisClusterOptions } from './real-redis-cluster-options.interface.js'
import type { Resharding, ReshardOptions } from './resharding.interface.js'
import { settle } from './settle.js'
import { SlotMove } from './slot-move.js'
import { slotOf, tagWithin } from './slot-of.js'
import { masterOf, topologyOf } from './topology.js'

const KIT = 'RealRedisCluster'
const SETTLE_TIMEOUT_MS = 30_000

/**
 * A real Redis Cluster (or Valkey) for tests: servers of its own on free ports of 127.0.0.1, that share the slots and elect
 * whom they will. What is done to them is real, and so is what they do then. They are gone after `stop()`, and also when
 * the process ends without it.
 *
 * @example
 * await using cluster = await RealRedisCluster.start()
 * const client = new Cluster([...cluster.seeds])
 * await client.set('key', 'value')
 * await cluster.killMaster('key')
 * await cluster.settled()
 *
 * @publicApi
 */
export class RealRedisCluster implements RedisGroup, AsyncDisposable {
  readonly #members: ClusterMembers
  readonly #info: ServerInfo
  readonly #clients = new Clients()
  readonly #closers = new Closers()
  #nodes: readonly ClusterNode[]

  private constructor(members: ClusterMembers, info: ServerInfo, nodes: readonly ClusterNode[]) {
    this.#members = members
    this.#info = info
    this.#nodes = nodes
  }

  /**
   * Starts the servers and makes a cluster of them; resolves when it is whole. Takes a little over two seconds: so long
   * Redis has a new master wait before it takes writes.
   *
   * @throws Error when there is no server to start, with the way to get one, or it does not come up
   */
  static async start(options: RealRedisClusterOptions = {}): Promise<RealRedisCluster> {
    const masters = wholeNumberOption(KIT, 'masters', options.masters ?? 3, 1)
    const replicas = wholeNumberOption(KIT, 'replicas', options.replicas ?? 1, 0)
    const nodeTimeout = wholeNumberOption(KIT, 'nodeTimeout', options.nodeTimeout ?? 1_500, 100)
    const environment = readRedisEnvironment(options)
    const set = await chooseServerSet(KIT, environment)
    const members = new ClusterMembers(set, { nodeTimeout, args: options.args ?? [] })
    try {
      const nodes = await members.start(masters * (1 + replicas))
      const info = await readServerInfo(nodes[0]?.member.url ?? '')
      requireVersion(KIT, environment.version, info)
      await formCluster(nodes, masters)
      await settle(members, SETTLE_TIMEOUT_MS)
      const { product, version } = info
      announceOnce(`${product} ${version}`, `${product} ${version} (backend: ${set.backend})`)
      return new RealRedisCluster(members, info, await topologyOf(members))
    } catch (error) {
      await members.stop()
      throw error
    }
  }

  /** The nodes as `topology()` found them last. */
  get nodes(): readonly ClusterNode[] {
    return this.#nodes
  }

  /** What to give to a client: where the nodes are. */
  get seeds(): readonly { readonly host: string; readonly port: number }[] {
    return this.#members.all().map(({ member }) => ({ host: '127.0.0.1', port: member.plan.port }))
  }

  /** What `MemoryModule.forRoot` takes as `connection`. */
  get connection(): ClusterConnection {
    return { cluster: { nodes: this.seeds } }
  }

  /** @internal */
  get servers(): readonly ServerAddress[] {
    return this.seeds
  }

  /** The masters that have slots, as one node sees them now that is up. @throws Error when no node is up */
  async masters(): Promise<readonly ClusterNode[]> {
    return (await this.topology()).filter(({ role, slots }) => role === 'master' && slots.length > 0)
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

  /** A client for looking at the cluster from a test; `stop()` closes it. */
  client(options: ClusterOptions = {}): Cluster {
    const client = new Cluster([...this.seeds], { clusterRetryStrategy: reconnectDelay, ...options })
    return this.#clients.keep(lastingAsking(client))
  }

  /** A client for looking at one node; `stop()` closes it. */
  nodeClient(node: Pick<ClusterNode, 'id'>, options: RedisOptions = {}): Redis {
    const { url } = this.#members.get(node).member
    return this.#clients.keep(new Redis(url, { retryStrategy: reconnectDelay, disconnectTimeout: 100, ...options }))
  }

  /**
   * The nodes as one sees them now that is up and not cut off, those that it takes for dead among them.
   *
   * @throws Error when no node is up
   */
  async topology(): Promise<readonly ClusterNode[]> {
    this.#nodes = await topologyOf(this.#members)
    return this.#nodes
  }

  /** From 0 to 16,383. */
  slotOf(key: string): number {
    return slotOf(key)
  }

  /** Which node has the slot of a key, as one sees it now that is up. @throws Error when none has */
  masterOf(key: string): Promise<ClusterNode> {
    return masterOf(this.#members, key)
  }

  /**
   * Resolves when the cluster is whole: every node that is up says `cluster_state:ok` and reaches all others, all slots
   * belong to masters that are up, they agree on whose they are, and every replica is connected to its master. Nodes that
   * are killed, paused or cut off do not count.
   *
   * @throws Error after `within` ms (30,000), with what is not as it should be
   */
  settled({ within = SETTLE_TIMEOUT_MS }: { readonly within?: number } = {}): Promise<void> {
    return settle(this.#members, within)
  }

  /**
   * Kills the master of a key (SIGKILL): connections break and nothing is saved. A replica takes its place when the others
   * have missed it for `nodeTimeout`. `restore()` starts it again, with what it had on disk; if nobody has taken its place
   * by then, its replica follows it, and loses what it had.
   *
   * @throws Error with the backend `docker`
   */
  async killMaster(key: string): Promise<NodeFault> {
    const node = await this.masterOf(key)
    return { ...(await killMember(this.#members.get(node).member, `${KIT}.killMaster`)), node }
  }

  /**
   * Stops the process of the master of a key (SIGSTOP): it accepts connections and answers nothing. `restore()` lets it go
   * on (SIGCONT): it executes what it was sent meanwhile, until it hears that another one has taken its place.
   *
   * @throws Error with the backend `docker`
   */
  async pauseMaster(key: string): Promise<NodeFault> {
    const node = await this.masterOf(key)
    return { ...(await pauseMember(this.#members.get(node).member, `${KIT}.pauseMaster`)), node }
  }

  /**
   * Has a replica take the place of the master of a key, as an operator does (CLUSTER FAILOVER): nothing is lost. Resolves
   * when it has, and the former master follows it. `restore()` is the same the other way round.
   *
   * @throws Error when the master has no replica that is up
   */
  async failover(key: string): Promise<NodeFault> {
    return await failOver(this.#members, await this.masterOf(key))
  }

  /**
   * Cuts a node off from all others. It goes on serving its clients, present and new ones: as a master, until it misses
   * the majority for `nodeTimeout`; a replica takes its place meanwhile, and what it acknowledged is lost when it comes back.
   *
   * On the bus, links stay open and nothing gets through. On the port for commands, the connections of replication are
   * closed, and new ones get no answer; while it changes over, new connections of clients are refused for some
   * milliseconds. `restore()` brings it back.
   *
   * @throws Error with the backend `docker`, and on systems other than Linux
   */
  async partition(node: Pick<ClusterNode, 'id'>): Promise<NodeFault> {
    return await partition(this.#members, node, `${KIT}.partition`)
  }

  /**
   * Ends a node, if it is up, and starts it again on the same port, under the same name, with what it held or empty. One
   * that was killed comes back with what it had on disk.
   *
   * @throws Error with the backend `docker`
   */
  async restartNode(node: Pick<ClusterNode, 'id'>, { keepData }: { readonly keepData: boolean }): Promise<void> {
    await restartMember(this.#members.get(node).member, `${KIT}.restartNode`, keepData)
  }

  /**
   * Moves slots to another master, while the cluster is in use: each is opened (SETSLOT MIGRATING and IMPORTING), its keys
   * are moved one by one (MIGRATE), and it is handed over (SETSLOT NODE). With `stopAfter`, it stops in the middle, and
   * `goOn()` goes on.
   *
   * @throws Error when nobody has a slot, or `to` is no master
   */
  async reshard({ slots, to, stopAfter }: ReshardOptions): Promise<Resharding> {
    const move = new SlotMove(this.#members, typeof slots === 'string' ? [slotOf(slots)] : slots, this.#members.get(to))
    await move.goOn({ stopAfter })
    return move
  }

  /**
   * Starts one more node: a master without slots, until `reshard()` moves some to it.
   *
   * @throws Error with the backend `docker`
   */
  async addNode(): Promise<ClusterNode> {
    const { id } = await addNode(this.#members)
    await this.settled()
    const node = (await this.topology()).find((one) => one.id === id)
    if (node === undefined) throw new Error(`${KIT}.addNode(): the others do not know it`)
    return node
  }

  /**
   * Has all others forget a node, up or not, and ends it.
   *
   * @throws Error when it has slots or replicas, and with the backend `docker`
   */
  async removeNode(node: Pick<ClusterNode, 'id'>): Promise<void> {
    await removeNode(this.#members, node)
  }

  /** @internal */
  async groupMasters(): Promise<readonly GroupMaster[]> {
    const masters = await this.masters()
    return masters.map((node) => ({ member: this.#members.get(node).member, tag: tagWithin(node.slots) }))
  }

  /** @internal */
  beforeStop(close: () => Promise<void>, order?: 'first' | 'last'): () => void {
    return this.#closers.add(close, order)
  }

  /**
   * Takes back what was done to the nodes, as far as it keeps clients out, closes what was opened on them and ends the
   * servers. May be called again.
   */
  async stop(): Promise<void> {
    await this.#members.set.faults.restoreAll()
    const failures = await this.#closers.closeAll()
    this.#clients.close()
    await this.#members.stop()
    throwAll(failures, `${KIT}.stop()`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
