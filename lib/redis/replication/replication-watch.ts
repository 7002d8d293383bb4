import { performance } from 'node:perf_hooks'
import { Deadline } from '../deadline.js'
import type { Master } from '../topology.js'
import { readReplication } from './replication-info.js'
import { ReplicationProgress } from './replication-progress.js'

/** How often the masters are asked, in ms: a replica says once a second how far it is. */
const EVERY = 500
/** How long one of them may take to answer, in ms. */
const PATIENCE = 1_000

/** How far the replicas of a master are. */
export interface Passed {
  /** When it was asked, by performance.now(). */
  readonly at: number
  /** All that it had acknowledged by then has reached its replicas; `undefined` when that is not known. */
  readonly until: number | undefined
  readonly hasReplicas: boolean
}

/** Who has to know. */
export interface ReplicationFollower {
  /** Whether it waits for anything to be passed on. */
  readonly isWaiting: boolean
  passed(runId: string, passed: Passed): void
}

/** Asks the masters how far their replicas are, while someone waits for it. */
export class ReplicationWatch {
  private readonly followers: ReplicationFollower[] = []
  private progress = new Map<string, ReplicationProgress>()
  private timer: NodeJS.Timeout | undefined
  private isClosed = false

  constructor(private readonly masters: () => readonly Master[]) {}

  follow(follower: ReplicationFollower): void {
    this.followers.push(follower)
  }

  /** A follower begins to wait. */
  wake(): void {
    if (this.timer !== undefined || this.isClosed) return
    this.timer = setTimeout(() => void this.look(), EVERY).unref()
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
  }

  private async look(): Promise<void> {
    const masters = this.masters()
    const runs = new Set(masters.map(({ runId }) => runId))
    this.progress = new Map([...this.progress].filter(([runId]) => runs.has(runId)))
    await Promise.all(masters.map((master) => this.ask(master)))
    this.timer = undefined
    if (this.followers.some(({ isWaiting }) => isWaiting)) this.wake()
  }

  private async ask({ runId, node }: Master): Promise<void> {
    const at = performance.now()
    let info: string
    try {
      info = await new Deadline(PATIENCE).race(node.info('replication'))
    } catch {
      // One that does not answer has passed on nothing, as far as is known.
      return
    }
    const replication = readReplication(info)
    if (replication === undefined) return
    const progress = this.progress.get(runId) ?? new ReplicationProgress()
    this.progress.set(runId, progress)
    const until = progress.saw(at, replication)
    for (const follower of this.followers) follower.passed(runId, { at, until, hasReplicas: progress.hasReplicas })
  }
}
