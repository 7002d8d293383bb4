import { connect } from 'node:net'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import type { ServerAddress } from '../topology/reachable-redis.interface.js'
import { Conditions } from './conditions.js'
import { connectionThrough } from './connection-through.js'
import { FaultPlan, type Direction } from './fault-plan.js'
import { noFaults, type InjectedFaults } from './injected-faults.interface.js'
import { Listener } from './listener.js'
import { ProxiedConnection, type ProxyState } from './proxied-connection.js'
import { FaultScript, type FaultAction, type FaultTrigger, type ScriptedFault } from './scripted-fault.js'
import { atLeast } from './at-least.js'

/**
 * What a FaultProxy stands before: an address.
 *
 * @publicApi
 */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
  /** For its credentials. */
  readonly url?: string
}

/**
 * What a FaultProxy stands before: a RealRedis, or each of the servers of a RealRedisCluster, of a RealRedisSentinel, or of
 * what `describeWithRedis` hands out.
 *
 * @publicApi
 */
export interface ProxyTargets {
  readonly connection: ConnectionOptions
  readonly servers: readonly ServerAddress[]
  /** @internal */
  readonly beforeStop?: (close: () => Promise<void>, order: 'last') => () => void
}

/** @publicApi */
export interface FaultProxyOptions {
  /**
   * Where jitter comes from: numbers from 0 to 1, as of Math.random, which is the default.
   */
  readonly random?: () => number
}

const DEFAULT_DELAY_MS = 200

interface Gate {
  readonly server: ServerAddress
  readonly listener: Listener
}

const targetsOf = (target: ProxyTarget | ProxyTargets): ProxyTargets =>
  'servers' in target ? target : { connection: { url: target.url ?? 'redis://127.0.0.1' }, servers: [target] }

/**
 * A TCP proxy before a Redis, on a free port of 127.0.0.1, that makes the faults of a network. It never loses bytes and
 * goes on with the same connection, since no network does. It keeps no process alive. Where there are several servers, it has
 * a port before each, and is one network: a fault that waits for a command happens wherever that is sent.
 *
 * @example
 * await using proxy = await FaultProxy.before(redis)
 * const client = new Redis(proxy.url)
 * proxy.dropReplies()
 * await client.incr('n').catch(() => 'executed, but nobody knows')
 *
 * @publicApi
 */
export class FaultProxy implements AsyncDisposable {
  readonly host = '127.0.0.1'
  /**
   * What `MemoryModule.forRoot` takes as `connection`, to go through the proxy: the URL; or the nodes of a cluster, or the
   * Sentinels, with a `natMap` for the addresses of the servers. Servers that join later are reached directly.
   */
  readonly connection: ConnectionOptions
  readonly #state: ProxyState
  readonly #connections = new Set<ProxiedConnection>()
  readonly #gates: readonly Gate[]
  readonly #forget: (() => void) | undefined

  private constructor(target: ProxyTargets, gates: readonly Gate[], { random = Math.random }: FaultProxyOptions) {
    this.#gates = gates
    this.connection = connectionThrough(
      target.connection,
      gates.map(({ server, listener }) => ({ server, port: listener.port })),
    )
    this.#state = {
      conditions: new Conditions(random),
      plan: new FaultPlan(),
      faults: noFaults(),
      commands: new Map(),
    }
    for (const {
      server: { host, port },
      listener,
    } of gates)
      listener.onConnection((client) => {
        const server = connect({ host, port, noDelay: true, allowHalfOpen: true }).unref()
        const connection = new ProxiedConnection(client, server, this.#state)
        this.#connections.add(connection)
        connection.onceClosed(() => this.#connections.delete(connection))
      })
    this.#forget = target.beforeStop?.(() => this.close(), 'last')
  }

  /** Starts a proxy. It closes by itself when the RealRedis stops, after the applications on it. */
  static async before(target: ProxyTarget | ProxyTargets, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const targets = targetsOf(target)
    const gates = await Promise.all(
      targets.servers.map(async (server) => ({ server, listener: await Listener.open() })),
    )
    return new FaultProxy(targets, gates, options)
  }

  /**
   * As `redis://127.0.0.1:40123`, with the credentials and the database of the server's URL.
   *
   * @throws Error where it stands before several servers
   */
  get url(): string {
    if ('url' in this.connection) return this.connection.url
    throw new Error('this FaultProxy stands before several servers: use its connection in the place of its url')
  }

  /** @throws as `url` */
  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** What happened so far. */
  get faults(): InjectedFaults {
    return { ...this.#state.faults }
  }

  /** How many connections there are now. */
  get connections(): number {
    return [...this.#connections].filter(({ open }) => open).length
  }

  /** How often clients sent the command, or any command, whether it reached the server or not. */
  commands(name?: string): number {
    const { commands } = this.#state
    if (name !== undefined) return commands.get(name.toUpperCase()) ?? 0
    return [...commands.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Resets all connections there are; later ones are accepted. */
  cut(): void {
    this.#state.faults.cut += this.connections
    for (const connection of this.#connections) connection.reset()
  }

  /** Resets all connections, and refuses new ones (ECONNREFUSED) until `restore()`. */
  async refuse(): Promise<void> {
    this.#state.faults.refused += 1
    const stopped = this.#gates.map(({ listener }) => listener.stop())
    this.cut()
    await Promise.all(stopped)
  }

  /** Connections stay open and are accepted, and nothing gets through in either direction, until `restore()`. */
  blackhole(): void {
    this.#state.conditions.held = true
  }

  /** Makes each direction late by `ms`, and by up to `jitter` ms more; what was sent first arrives first. */
  latency(ms: number, { jitter = 0 }: { readonly jitter?: number } = {}): void {
    this.#state.conditions.latencyMs = atLeast(0, ms, 'latency(ms)')
    this.#state.conditions.jitterMs = atLeast(0, jitter, 'latency(ms, { jitter })')
  }

  /**
   * Loses the next reply: its command is executed, the answer never comes, and the connection is reset. All that was sent
   * on this connection before is executed, and its replies are lost too. With `count`, this happens to as many connections,
   * to one after the other; `Infinity` is until `restore()`.
   */
  dropReplies(count = 1): void {
    this.#state.plan.drops = atLeast(0, count, 'dropReplies(count)')
  }

  /** Does not forward the next bytes a client sends, and resets its connection; with `count`, as many times. */
  cutBeforeForwarding(count = 1): void {
    this.#state.plan.cuts = atLeast(0, count, 'cutBeforeForwarding(count)')
  }

  /** Lets `bytes` more through in one direction, counted over all connections, and resets the connection they end on; once. */
  resetAfter(bytes: number, direction: Direction = 'replies'): void {
    this.#state.plan.resetAfter(atLeast(0, bytes, 'resetAfter(bytes)'), direction)
  }

  /** Forwards in pieces of at most `bytes`, in both directions. */
  slice(bytes: number): void {
    this.#state.conditions.sliceBytes = atLeast(1, bytes, 'slice(bytes)')
  }

  /** Forwards so many bytes a second in each direction of each connection. */
  bandwidth(bytesPerSecond: number): void {
    this.#state.conditions.bytesPerSecond = atLeast(1, bytesPerSecond, 'bandwidth(bytesPerSecond)')
  }

  /**
   * Has a fault happen to a certain command, as `on({ command: 'EVALSHA', nth: 3 }, 'drop-reply')`. Not for connections
   * that subscribe or monitor, where answers cannot be counted.
   *
   * @param options.ms how late `'delay'` is; 200 by default
   */
  on(
    trigger: FaultTrigger,
    action: FaultAction,
    { ms = DEFAULT_DELAY_MS }: { readonly ms?: number } = {},
  ): ScriptedFault {
    const { plan } = this.#state
    const { nth = 1, times = 1 } = trigger
    atLeast(1, nth, 'on({ nth })')
    atLeast(1, times, 'on({ times })')
    const script = new FaultScript(trigger, action, atLeast(0, ms, 'on(…, { ms })'))
    plan.add(script)
    return {
      get hits() {
        return script.hits
      },
      remove: () => plan.remove(script),
    }
  }

  /**
   * Goes back to plain forwarding: takes back all faults, also those that wait, and listens again. What was kept is
   * delivered in its order, as by a network that heals. What clients had sent who gave up meanwhile is dropped, and with
   * `ghosts` delivered as well: commands that run late, of which no one gets the answer.
   *
   * @throws Error when another process has taken the port while it refused connections
   */
  async restore({ ghosts = false }: { readonly ghosts?: boolean } = {}): Promise<void> {
    this.#state.conditions.clear()
    this.#state.plan.clear()
    for (const connection of this.#connections) connection.recover(ghosts)
    await Promise.all(this.#gates.map(({ listener }) => listener.start()))
  }

  /** Resets all connections and stops listening. May be called again. */
  async close(): Promise<void> {
    this.#forget?.()
    const stopped = this.#gates.map(({ listener }) => listener.close())
    for (const connection of this.#connections) connection.reset()
    await Promise.all(stopped)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
