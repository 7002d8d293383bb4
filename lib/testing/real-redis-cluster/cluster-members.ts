import type { Redis } from 'ioredis'
import type { ServerPlan } from '../real-redis/server-plan.js'
import { IN_MEMORY } from '../real-redis/server-plan.js'
import type { Member } from '../server-set/member.js'
import { peerAddress } from '../server-set/peer-address.js'
import type { ServerSet } from '../server-set/server-set.interface.js'
import { BusSwitch } from './bus-switch.js'
import type { ClusterNode } from './cluster-node.interface.js'
import { parseNodes, type NodeView } from './node-view.js'

/** A node that we started. */
export interface OwnNode {
  readonly id: string
  readonly member: Member
  /** Where the others reach it on the bus. */
  readonly busPort: number
  /** The epoch it begins with; when it is elected, it gets a greater one. */
  readonly firstEpoch: number
}

interface NodeOptions {
  /** In ms. */
  readonly nodeTimeout: number
  readonly args: readonly string[]
}

const HOST = '127.0.0.1'

const planOf = (
  { port, busPort, announced, peer }: { port: number; busPort: number; announced: number; peer: string | undefined },
  { nodeTimeout, args }: NodeOptions,
): ServerPlan => {
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'configuration/nodes.conf',
    'cluster-node-timeout': nodeTimeout,
    'cluster-port': busPort,
    'cluster-announce-ip': HOST,
    'cluster-announce-port': port,
    'cluster-announce-bus-port': announced,
    'replica-announce-ip': HOST,
    'replica-announce-port': port,
    // A replica that comes is served at once.
    'repl-diskless-sync-delay': 0,
  }
  const given = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  return { port, args: [...IN_MEMORY, ...given, ...args], peer }
}

/** The nodes that we started, and what stands between them. */
export class ClusterMembers {
  readonly set: ServerSet
  /** Absent where the servers are no processes of ours. */
  readonly bus: BusSwitch | undefined
  readonly #options: NodeOptions
  readonly #nodes = new Map<string, OwnNode>()
  #started = 0

  constructor(set: ServerSet, options: NodeOptions) {
    this.set = set
    this.#options = options
    this.bus = set.backend === 'binary' ? new BusSwitch() : undefined
  }

  /** Starts nodes that know nobody. */
  async start(count: number): Promise<OwnNode[]> {
    const first = this.#started
    this.#started += count
    const busPorts = new Map<number, number>()
    const members = await this.set.start(2 * count, async (ports) => [
      await Promise.all(
        ports.slice(0, count).map(async (port, index) => {
          const busPort = ports[count + index] ?? 0
          const peer = this.bus === undefined ? undefined : peerAddress(first + index)
          const announced = (await this.bus?.open(peer ?? `${first + index}`, busPort)) ?? busPort
          busPorts.set(port, announced)
          return planOf({ port, busPort, announced, peer }, this.#options)
        }),
      ),
    ])
    return await Promise.all(
      members.map(async (member, index) => {
        const id = await (await member.admin()).cluster('MYID')
        const node = { id, member, busPort: busPorts.get(member.plan.port) ?? 0, firstEpoch: first + index + 1 }
        this.#nodes.set(id, node)
        return node
      }),
    )
  }

  /** In ms. */
  get nodeTimeout(): number {
    return this.#options.nodeTimeout
  }

  all(): OwnNode[] {
    return [...this.#nodes.values()]
  }

  live(): OwnNode[] {
    return this.all().filter(({ member }) => member.live)
  }

  /** @throws Error when it is none of this cluster */
  get({ id }: Pick<ClusterNode, 'id'>): OwnNode {
    const node = this.#nodes.get(id)
    if (node === undefined) throw new Error('RealRedisCluster: this is no node of the cluster')
    return node
  }

  /** Ends one. */
  async end(node: OwnNode): Promise<void> {
    this.#nodes.delete(node.id)
    await this.set.end?.(node.member)
  }

  /** What a node sees; the first one that is up, unless it is named. */
  async views(node = this.live()[0]): Promise<NodeView[]> {
    if (node === undefined) throw new Error('RealRedisCluster: no node is up')
    return parseNodes(String(await (await node.member.admin()).cluster('NODES')))
  }

  /** Runs something on every node that is up. */
  onLive<T>(work: (admin: Redis, node: OwnNode) => Promise<T>): Promise<T[]> {
    return Promise.all(this.live().map(async (node) => work(await node.member.admin(), node)))
  }

  async stop(): Promise<void> {
    await this.set.stop()
    await this.bus?.close()
  }
}
