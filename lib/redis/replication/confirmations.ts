import { Logger } from '@nestjs/common'
import type { ResolvedMemoryOptions } from '../../options/resolved-options.interface.js'
import { wordFor } from '../classify-error.js'
import { Deadline } from '../deadline.js'
import { createBeside } from '../create-client.js'
import type { KnownRun } from '../server-run.js'
import type { Topology } from '../topology.js'
import { UnderWay } from '../under-way.js'
import { MasterReplicas } from './master-replicas.js'

/** How long those who wait are waited for when the application closes, in ms. */
const DRAIN_TIMEOUT = 500

/** Waits for replicas after writes, master by master, and says when they stop to acknowledge them. */
export class Confirmations {
  private readonly logger = new Logger('AgentMemory')
  private readonly masters = new Map<string, MasterReplicas>()
  private readonly underWay = new UnderWay()
  private isShort = false
  private isClosed = false
  private failure: Error | undefined

  constructor(
    private readonly options: NonNullable<ResolvedMemoryOptions['durability']>,
    private readonly topology: Topology,
    /** Of a command, in ms. */
    private readonly patience: number,
  ) {
    topology.onServing((nodes) => this.forgetOthers(nodes))
  }

  /**
   * How many replicas have a write that was stored: for sure, and more may have it. Never rejects, and settles within the
   * timeout and the deadline of the call.
   *
   * @param by who stored it; `undefined` when that cannot be told
   */
  async confirm(key: string, by: KnownRun | undefined, deadline: Deadline): Promise<number> {
    const within = Math.min(this.options.timeout, deadline.remaining)
    if (this.isClosed) return 0
    const replicas = by === undefined || within < 1 ? 0 : await this.ask(key, by, within)
    if (!this.isClosed) this.said(replicas)
    return replicas
  }

  /** Gives those who wait half a second; then they are told what is known. */
  async close(): Promise<void> {
    await new Deadline(DRAIN_TIMEOUT).race(this.underWay.settled()).catch(() => undefined)
    this.isClosed = true
    this.forgetOthers(new Set())
  }

  private async ask(key: string, { node, runId, isOfCluster }: KnownRun, within: number): Promise<number> {
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
    const master = new MasterReplicas({
      connect: () => {
        const connected = this.topology.master(node)
        return connected && createBeside(connected, this.patience)
      },
      runId: () => this.topology.factsOfNode(node)?.runId,
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

  /** Who serves nothing any more is not written to. */
  private forgetOthers(serving: ReadonlySet<string>): void {
    for (const [node, master] of this.masters) {
      if (serving.has(node)) continue
      master.close()
      this.masters.delete(node)
    }
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
