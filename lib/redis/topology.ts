import type { Cluster, Redis } from 'ioredis'
import {
  isCluster,
  mastersOf,
  nameOfNode,
  nodeNameOfSlot,
  nodeNamesOf,
  nodeOf,
  ONLY,
  slotOf,
  slotsOf,
  type Client,
} from './cluster-nodes.js'
import type { ServerFacts } from './server-check.js'
import { ServerClock } from './server-clock.js'
import type { ServerRun } from './server-run.js'
import type { ServerSession } from './server-session.js'
import { Servers } from './servers.js'

/** A master there is a connection to, whose run is known. */
export interface Master {
  readonly runId: string
  readonly node: Redis
}

/** Which server serves which keys, and what is known of each: of the one server there is, or of the nodes of a cluster. */
export class Topology {
  private client: Client | undefined
  private readonly servers = new Servers()
  private readonly meetings = new WeakMap<Redis, Promise<ServerSession>>()
  /** Of a cluster: the connections that were looked at. */
  private readonly met = new WeakSet<Redis>()
  private readonly joinListeners: (() => void)[] = []
  private readonly moveListeners: (() => void)[] = []
  private readonly servingListeners: ((serving: ReadonlySet<string>) => void)[] = []
  /** Of a cluster, as they were last found. */
  private slots = ''
  private last = { key: '', slot: slotOf('') }

  /** @param look what is done with each connection to a server before it is used; answers what was found out */
  constructor(
    private readonly look: (node: Redis, former: () => ServerSession | undefined) => Promise<ServerSession>,
  ) {}

  /** Calls `listener` each time a node of a cluster was connected to and looked at. */
  onJoined(listener: () => void): void {
    this.joinListeners.push(listener)
  }

  /** Calls `listener` each time keys may be served by other servers than before. */
  onMoved(listener: () => void): void {
    this.moveListeners.push(listener)
  }

  /** Calls `listener` with the names of the nodes that serve anything, each time a cluster has been asked for them. */
  onServing(listener: (nodes: ReadonlySet<string>) => void): void {
    this.servingListeners.push(listener)
  }

  /** Goes by what this client finds from now on; `undefined` while there is none. */
  follow(client: Client | undefined): void {
    this.client = client
    if (client === undefined || !isCluster(client)) return
    // Those that join later are looked at as well.
    client.on('+node', (node: Redis) => node.once('ready', () => void this.join(client, node)))
    client.on('refresh', () => this.refreshed(client))
  }

  /** Which server serves a key, as far as is known: the same text for the same one. */
  nodeOf(key: string): string {
    const { client } = this
    if (client === undefined || !isCluster(client)) return ONLY
    // One call asks several times in a row, and to hash the key takes the longest of it.
    if (key !== this.last.key) this.last = { key, slot: slotOf(key) }
    return nodeNameOfSlot(client, this.last.slot)
  }

  /** The names of those that serve some key, as far as they are known. */
  nodes(): ReadonlySet<string> {
    return nodeNamesOf(this.client)
  }

  /** The run of the server that serves a key, as far as is known. */
  runOf(key: string): ServerRun {
    const node = this.nodeOf(key)
    const { runId, isOfCluster = false } = this.servers.get(node)?.facts ?? {}
    return { node, runId, isOfCluster }
  }

  /** What is known of the server that serves a key. */
  factsOf(key: string): ServerFacts | undefined {
    return this.factsOfNode(this.nodeOf(key))
  }

  factsOfNode(node: string): ServerFacts | undefined {
    return this.servers.get(node)?.facts
  }

  /** The time of the server that serves a key, in ms, as far as it is known. */
  timeOf(key: string): number | undefined {
    return this.servers.clock(this.nodeOf(key))?.now()
  }

  /** The server that serves a key says that its clock shows another time than was thought. */
  setTimeOf(key: string, time: number): void {
    this.servers.setClock(this.nodeOf(key), new ServerClock(time))
  }

  /** Those in reach whose run is known. */
  knownMasters(): readonly Master[] {
    return this.masters().flatMap(([name, node]) => {
      const runId = this.factsOfNode(name)?.runId
      return runId === undefined ? [] : [{ runId, node }]
    })
  }

  /** The connection to the master of this name; `undefined` while there is none. */
  master(name: string): Redis | undefined {
    return this.masters().find(([other]) => other === name)?.[1]
  }

  /** A connection to a server was made. Of a cluster, one that ended is never used again, so that it is looked at once. */
  meet(client: Client, node: Redis): Promise<ServerSession> {
    const meeting = (isCluster(client) ? this.meetings.get(node) : undefined) ?? this.lookAt(client, node)
    this.meetings.set(node, meeting)
    return meeting
  }

  /** Whether a connection to a node of a cluster was looked at: before, it may lead to a server that was started anew. */
  wasMet(node: Redis): boolean {
    return this.met.has(node)
  }

  /** Whether there is a connection to the server that serves a key, and it was looked at. */
  reaches(key: string): boolean {
    const { client } = this
    const node = client && nodeOf(client, key)
    return node?.status === 'ready' && (!isCluster(client!) || this.wasMet(node))
  }

  /** Keys may be served by others than before. */
  moved(): void {
    for (const listener of this.moveListeners) listener()
  }

  private masters(): readonly (readonly [name: string, node: Redis])[] {
    const { client } = this
    return client === undefined ? [] : mastersOf(client).map((node) => [nameOfNode(client, node), node])
  }

  private async join(cluster: Cluster, node: Redis): Promise<void> {
    try {
      await this.meet(cluster, node)
    } catch {
      // It would be sent nothing.
      node.disconnect()
      return
    }
    for (const listener of this.joinListeners) listener()
  }

  private async lookAt(client: Client, node: Redis): Promise<ServerSession> {
    const name = nameOfNode(client, node)
    const server = await this.look(node, () => this.servers.get(name))
    const former = this.servers.get(name)
    this.servers.met(name, server)
    if (isCluster(client)) this.met.add(node)
    // Of one server, it is said when it can be used.
    if (isCluster(client) && former?.facts?.runId !== server.facts?.runId) this.moved()
    return server
  }

  private refreshed(cluster: Cluster): void {
    this.forgetOthers(cluster)
    const slots = slotsOf(cluster)
    if (slots === this.slots) return
    this.slots = slots
    this.moved()
  }

  /** Who has left the cluster is not remembered; who only lost its slots stays connected, and may get them again. */
  private forgetOthers(cluster: Cluster): void {
    const serving = nodeNamesOf(cluster)
    this.servers.keepOnly(new Set([...serving, ...cluster.nodes().map((node) => nameOfNode(cluster, node))]))
    for (const listener of this.servingListeners) listener(serving)
  }
}
