import { Logger } from '@nestjs/common'
import type { Redis } from 'ioredis'
import type { ResolvedMemoryOptions } from '../../options/resolved-options.interface.js'
import { wordFor } from '../classify-error.js'
import { Deadline } from '../deadline.js'
import type { ServerFacts } from '../server-check.js'
import { UnderWay } from '../under-way.js'
import { MasterReplicas } from './master-replicas.js'
import type { StoredBy } from './stored-by.js'

/** What of the connection has to be known. */
export interface ConnectedServers {
  nodeOf(key: string): string
  factsOfNode(node: string): ServerFacts | undefined
  /** A further connection to a node that takes writes: not yet made; `undefined` while there is none to go by. */
  beside(node: string): Redis | undefined
  /** The names of those that take writes. */
  masters(): ReadonlySet<string>
}

/** How long those who wait are waited for when the application closes, in ms. */
const DRAIN_TIMEOUT = 500

/** Waits for replicas after writes, master by master, and says when they stop to acknowledge them. */
export class Replication {
  private readonly logger = new Logger('AgentMemory')
  private readonly masters = new Map<string, MasterReplicas>()
  private readonly underWay = new UnderWay()
  private isShort = false
  private isClosed = false
  private failure: Error | undefined

  constructor(
    private readonly options: NonNullable<ResolvedMemoryOptions['durability']>,
    private readonly servers: ConnectedServers,
  ) {}

  /** Who stands for a key now, as far as it is known. */
  serverOf(key: string): StoredBy | undefined {
    const node = this.servers.nodeOf(key)
    const { runId, isOfCluster = false } = this.servers.factsOfNode(node) ?? {}
    return runId === undefined ? undefined : { node, runId, isOfCluster }
  }

  /**
   * How many replicas have a write that was stored: for sure, and more may have it. Never rejects, and settles within the
   * timeout and the deadline of the call.
   *
   * @param by who stored it; `undefined` when that cannot be told
   */
  async confirm(key: string, by: StoredBy | undefined, deadline: Deadline): Promise<number> {
    const within = Math.min(this.options.timeout, deadline.remaining)
    if (this.isClosed) return 0
    const replicas = by === undefined || within < 1 ? 0 : await this.ask(key, by, within)
    if (!this.isClosed) this.said(replicas)
    return replicas
  }

  /** It is no part of the cluster any more. */
  forget(node: string): void {
    this.masters.get(node)?.close()
    this.masters.delete(node)
  }

  /** Gives those who wait half a second; then they are told what is known. */
  async close(): Promise<void> {
    await new Deadline(DRAIN_TIMEOUT).race(this.underWay.settled()).catch(() => undefined)
    this.isClosed = true
    for (const node of this.masters.keys()) this.forget(node)
  }

  private async ask(key: string, { node, runId, isOfCluster }: StoredBy, within: number): Promise<number> {
    this.underWay.begin()
    try {
      return await this.masterOf(node, isOfCluster).confirm(key, runId, within)
    } finally {
      this.underWay.end()
    }
  }

  private masterOf(node: string, isOfCluster: boolean): MasterReplicas {
    const known = this.masters.get(node)
    if (known !== undefined) return known
    // One that has become a replica is not written to any more.
    const present = this.servers.masters()
    for (const other of this.masters.keys()) if (!present.has(other)) this.forget(other)
    const master = new MasterReplicas({
      connect: () => this.servers.beside(node),
      runId: () => this.servers.factsOfNode(node)?.runId,
      isOfCluster,
      wanted: this.options.replicas,
      timeout: this.options.timeout,
      failed: (error) => {
        this.failure = error
      },
    })
    this.masters.set(node, master)
    return master
  }

  private said(replicas: number): void {
    const isShort = replicas < this.options.replicas
    if (isShort === this.isShort) return
    this.isShort = isShort
    if (isShort) {
      const why = this.failure === undefined ? '' : ` (${wordFor(this.failure)})`
      this.logger.warn(`fewer than ${this.options.replicas} replicas acknowledge writes in time${why}`)
    } else {
      this.failure = undefined
      this.logger.log('enough replicas acknowledge writes again')
    }
  }
}
