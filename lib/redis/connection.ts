import { performance } from 'node:perf_hooks'
import { Logger } from '@nestjs/common'
import type { Redis } from 'ioredis'
import { MemoryPermissionError } from '../errors/memory-permission.error.js'
import { MemoryShutdownError } from '../errors/memory-shutdown.error.js'
import { MemoryError, type MemoryErrorDetails } from '../errors/memory.error.js'
import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import { NodeAwaitedError } from './again-in-order.error.js'
import { classifyError, ofNode, wasNeverSent, type CallDetails } from './classify-error.js'
import { isCluster, mastersOf, type Client } from './cluster-nodes.js'
import { createClient, reconnectDelay } from './create-client.js'
import { Deadline } from './deadline.js'
import { isRefusal } from './is-refusal.js'
import { loadScripts } from './load-scripts.js'
import { replicasOf, type Replicas } from './replicas/replicas.js'
import { Confirmations } from './replication/confirmations.js'
import { evicts, refusalOf, type ServerFacts } from './server-check.js'
import { endFormer, openServerSession, type ServerSession } from './server-session.js'
import { Topology } from './topology.js'
import { UnderWay } from './under-way.js'
import { notReady, reasonFor, tellingMore, unreachable } from './unreachable.js'
import { Waiters } from './waiters.js'

/** How long commands under way are waited for when the application closes, in ms: calls were waited for before. */
const DRAIN_TIMEOUT = 500
/** How long QUIT may take before the socket is closed without it, in ms. */
const QUIT_TIMEOUT = 500
/** How long a server that turned out to be a replica is left alone, where the address leads to no other yet, in ms. */
const BETWEEN_REPLICAS = 1_000
/** How long calls wait at the most, before they look for their node of a cluster again, in ms. */
const SEARCH_DELAY = 200

/**
 * The module's connection: opened at boot or at first use, checked each time it is made, and closed without leaving anything
 * behind. Every command goes through `run`, which settles within the deadline.
 */
export class RedisConnection {
  readonly topology = new Topology(lookAt)
  /** Where `durability` is set. */
  readonly confirmations: Confirmations | undefined
  readonly replicas: Replicas
  private readonly logger = new Logger('AgentMemory')
  private client: Client | undefined
  /** Set while the connection is up and its server was found fit. */
  private usable: Client | undefined
  /** Why the server that answers must not be used. */
  private refusal: MemoryError | undefined
  /** What was last heard of a connection that is not up. */
  private lastError: Error | undefined
  private readonly waiters = new Waiters()
  private readonly running = new UnderWay()
  private readonly listeners: (() => void)[] = []
  private closing = false
  /** When a connection to a replica was given up, by `performance.now()`. */
  private leftReplica = -Infinity
  /** How many clients in a row came to their end by themselves, and the wait for the next one. */
  private ends = 0
  private next: NodeJS.Timeout | undefined
  /** The wait before calls look for their node of the cluster again. */
  private search: NodeJS.Timeout | undefined
  /** Once for each time. */
  private isAwayLogged = false

  constructor(private readonly options: ResolvedMemoryOptions) {
    const { durability, resilience, connection } = options
    this.confirmations = durability && new Confirmations(durability, this.topology, resilience.deadline)
    this.replicas = replicasOf(connection, resilience.deadline, () => this.client)
    this.topology.onJoined(() => this.lookAgain())
    this.topology.onMoved(() => this.lookAgain())
  }

  /** Calls `listener` each time a connection can be used. */
  onUsable(listener: () => void): void {
    this.listeners.push(listener)
  }

  /** Whether there is a connection, and its server was found fit. */
  get isUsable(): boolean {
    return this.usable !== undefined
  }

  /** Whether the server that serves a key can be sent commands at once. */
  reaches(key: string): boolean {
    return this.usable !== undefined && this.topology.reaches(key)
  }

  /**
   * Starts to connect. With `connectOnBoot: 'required'` it resolves when the server can be used, and rejects when that is not
   * so within the deadline; otherwise it resolves at once and goes on trying.
   */
  async open(): Promise<void> {
    if (this.options.connectOnBoot === 'background') {
      this.connect()
      return
    }
    await this.whenUsable(this.deadline())
  }

  /** The deadline of a call that begins now, for all the commands it takes. */
  deadline(): Deadline {
    return new Deadline(this.options.resilience.deadline)
  }

  /** Runs a command on the live connection, waiting for it if need be. @throws MemoryError, within the deadline */
  async run<T>(
    command: (client: Client) => Promise<T>,
    details: CallDetails,
    deadline: Deadline = this.deadline(),
  ): Promise<T> {
    if (this.closing) throw new MemoryShutdownError('the application is closing: nothing new is started', details)
    this.running.begin()
    try {
      for (;;) {
        const client = this.usable ?? (await this.whenUsable(deadline, details))
        try {
          return await deadline.race(command(client))
        } catch (error) {
          await this.waitAfter(error, client, deadline, details)
        }
      }
    } finally {
      this.running.end()
    }
  }

  /** What a call says that waited its time for something else, when there is no connection; else `undefined`. */
  outage(deadline: Deadline, details: MemoryErrorDetails): MemoryError | undefined {
    return this.usable === undefined ? unreachable(this.lastError, deadline.ms, details) : undefined
  }

  /** Refuses new calls, and resolves when those under way have settled, or after half a second. */
  async drain(): Promise<void> {
    this.closing = true
    await new Deadline(DRAIN_TIMEOUT).race(this.running.settled()).catch(() => undefined)
  }

  /** Drains and closes; returns within a second or so, also when Redis hangs. What is still under way then fails. */
  async close(): Promise<void> {
    await this.drain()
    await this.confirmations?.close()
    this.replicas.close()
    this.waiters.refuse(new MemoryShutdownError('the application is closing: there is no connection to wait for'))
    clearTimeout(this.next)
    clearTimeout(this.search)
    const { client } = this
    if (client === undefined) return
    this.leave()
    if (this.usable !== undefined) await new Deadline(QUIT_TIMEOUT).race(client.quit()).catch(() => undefined)
    this.usable = undefined
    client.disconnect()
  }

  /** Waits for what was missing, where nothing was sent. @throws MemoryError for all else */
  private async waitAfter(error: unknown, client: Client, deadline: Deadline, details: CallDetails): Promise<void> {
    if (this.usable === client) this.lookAround(client, error)
    const waits = wasNeverSent(error) || isRefusal(error, 'CLUSTERDOWN')
    const isClosed = this.closing && this.client === undefined
    if (!waits || isClosed) throw classifyError(error, details, this.lastError)
    if (deadline.remaining < 1) throw this.inVain(error, deadline, details)
    if (isCluster(client)) {
      await this.nextNode(deadline, error, details)
      // What was called later may have been sent meanwhile.
      if (details.inOrder === true) throw new NodeAwaitedError(details)
    }
    // Its socket has ended, and 'close' has not been heard yet: nothing was sent, so the call waits as any other.
    else if (this.usable === client) this.usable = undefined
  }

  /** What was not answered, or by a replica, may be another server's by now. */
  private lookAround(client: Client, error: unknown): void {
    if (isCluster(client)) client.refreshSlotsCache(() => undefined)
    else if (isRefusal(error, 'READONLY') && performance.now() - this.leftReplica > BETWEEN_REPLICAS) {
      this.leftReplica = performance.now()
      client.disconnect(true)
    }
  }

  private async whenUsable(deadline: Deadline, details?: CallDetails): Promise<Client> {
    this.connect()
    if (this.refusal !== undefined) throw this.refusal
    if (this.usable !== undefined) return this.usable
    try {
      return await this.waiters.wait(deadline)
    } catch (error) {
      throw error instanceof MemoryError ? error : unreachable(this.lastError, deadline.ms, details)
    }
  }

  /**
   * Waits until a node of the cluster was connected to, or another one has its slots, or it is time to look for it again.
   *
   * @param reason why the call waits
   */
  private async nextNode(deadline: Deadline, reason: unknown, details: CallDetails): Promise<void> {
    const delay = SEARCH_DELAY * (0.5 + Math.random() / 2)
    this.search ??= setTimeout(() => {
      this.search = undefined
      this.lookAgain()
    }, delay)
    try {
      await this.waiters.wait(deadline)
    } catch (error) {
      throw error instanceof MemoryError ? error : this.inVain(reason, deadline, details)
    }
  }

  /** What is said of a call that waited for as long as it had time. */
  private inVain(reason: unknown, { ms }: Deadline, details: CallDetails): MemoryError {
    return wasNeverSent(reason) ? unreachable(this.lastError, ms, details) : classifyError(reason, details)
  }

  /** Whether their node is there, those who wait for one find out by themselves. */
  private lookAgain(): void {
    if (this.usable !== undefined) this.waiters.use(this.usable)
  }

  private connect(): void {
    if (this.client !== undefined || this.next !== undefined) return
    const client = createClient(
      this.options.connection,
      this.options.resilience.deadline,
      (error) => this.failed(error),
      (node) => this.topology.wasMet(node),
    )
    this.client = client
    this.topology.follow(client)
    client.on('error', (error: Error) => this.failed(error))
    client.on('connect', () => (this.lastError = tellingMore(this.lastError, notReady())))
    client.on('ready', () => void this.check(client))
    client.on('close', () => this.lost())
    client.on('end', () => this.ended(client))
    if (isCluster(client)) client.on('node error', (error: Error) => this.failed(error))
    // Its failure is heard of by 'error' as well, and ioredis goes on trying.
    client.connect().catch((error: unknown) => this.failed(error as Error))
  }

  /** Looks at the servers before anyone uses them: after a failover they may be others. */
  private async check(client: Client): Promise<void> {
    let servers: readonly ServerSession[]
    try {
      servers = await this.deadline().race(anyOf(mastersOf(client).map((node) => this.topology.meet(client, node))))
    } catch {
      client.disconnect(true)
      return
    }
    const facts = servers.flatMap((server) => server.facts ?? [])
    if (facts.length < servers.length) {
      this.logger.warn(
        'the server may not be asked for INFO: its version and eviction policy are not checked (grant +info)',
      )
    }
    if (this.closing || client.status !== 'ready') return
    const { requireNoEviction } = this.options
    const [refusal = this.refusal] = facts.flatMap(
      (server) => refusalOf(server, { requireNoEviction, asCluster: isCluster(client) }) ?? [],
    )
    if (refusal !== undefined) {
      this.refusal = refusal
      this.logger.error(refusal.message)
      this.waiters.refuse(refusal)
      return
    }
    this.logger.log(`connected to ${nameOf(facts, isCluster(client) ? servers.length : undefined)}`)
    const evicting = facts.find(evicts)
    if (evicting !== undefined) {
      this.logger.warn(
        `the server's maxmemory-policy is ${evicting.evictionPolicy}: it may drop conversations; set it to noeviction`,
      )
    }
    this.refusal = undefined
    this.lastError = undefined
    this.isAwayLogged = false
    this.usable = client
    this.ends = 0
    for (const listener of this.listeners) listener()
    this.topology.moved()
    this.waiters.use(client)
  }

  private lost(): void {
    if (this.usable !== undefined && !this.closing)
      this.logger.warn('the connection to Redis was lost; connecting again')
    this.usable = undefined
    this.refusal = undefined
  }

  /**
   * A client that is told of another master while it asks for one gives up for good, as do those that cannot ask: another one
   * takes its place.
   */
  private ended(client: Client): void {
    if (this.client !== client || this.closing) return
    this.leave()
    this.lost()
    client.disconnect()
    this.next = setTimeout(() => {
      this.next = undefined
      this.connect()
    }, reconnectDelay(++this.ends))
  }

  private failed(error: Error): void {
    this.lastError = tellingMore(this.lastError, ofNode(error))
    const reason = unreachable(ofNode(error), 0)
    // Waiting does not help, as when the credentials are wrong, unless the next connection asks for others.
    if (!reason.retryable && !(reason instanceof MemoryPermissionError && this.asksForCredentials)) {
      this.refusal = reason
      this.waiters.refuse(reason)
    }
    if (!this.isAwayLogged && this.usable === undefined && !this.closing) {
      this.isAwayLogged = true
      this.logger.warn(`Redis cannot be reached: ${reasonFor(ofNode(error))}; trying on`)
    }
  }

  private leave(): void {
    this.client = undefined
    this.topology.follow(undefined)
  }

  private get asksForCredentials(): boolean {
    const { connection } = this.options
    return 'credentials' in connection && connection.credentials !== undefined
  }
}

/** Before anyone uses a connection: what was sent on the one before it is not executed any more, and the scripts are there. */
const lookAt = async (node: Redis, former: () => ServerSession | undefined): Promise<ServerSession> => {
  const [server] = await Promise.all([openServerSession(node, isDenied), loadScripts(node)])
  await endFormer(node, former(), server)
  return server
}

const isDenied = (error: unknown): boolean => classifyError(error, { kind: 'read' }) instanceof MemoryPermissionError

/** What succeeded. @throws the first failure, when nothing did */
const anyOf = async <T>(all: readonly Promise<T>[]): Promise<readonly T[]> => {
  const results = await Promise.allSettled(all)
  const values = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  if (values.length === 0) await Promise.all(all)
  return values
}

const nameOf = (facts: readonly ServerFacts[], masters: number | undefined): string => {
  const versions = new Set(facts.map(({ product, version }) => `${product} ${version}`))
  const name = versions.size === 0 ? 'Redis' : [...versions].join(', ')
  return masters === undefined ? name : `a cluster with ${masters} masters in reach (${name})`
}
