import type { SeqRange, RecentWrite } from './recent-write.interface.js'
import { setNewest } from '../set-newest.js'
import { WriteQueue } from './write-queue.js'

const MOST_FORGOTTEN = 10_000
/** Of a server that has not said yet which run of it this is. */
export const UNKNOWN_RUN = ''

/** The last write of a session that cannot be made again: it was given up before its server had passed it on. */
export interface GivenUp {
  /** The counter of its version. */
  readonly counter: number
  /** Of the last append among them. */
  readonly lastSeq: number | undefined
}

/** Writes that are not known to have reached the replicas: in their order, of a session and of a run of a server. */
export class RecentWrites {
  private readonly bySession = new Map<string, WriteQueue>()
  private readonly byRun = new Map<string, WriteQueue>()
  private readonly lastGivenUp = new Map<string, GivenUp>()
  private held = 0

  constructor(private readonly maxBytes: number) {}

  get size(): number {
    return this.bySession.size
  }

  get sessions(): IterableIterator<string> {
    return this.bySession.keys()
  }

  of(key: string): Iterable<RecentWrite> {
    return this.bySession.get(key) ?? []
  }

  /** The oldest one of a session. */
  first(key: string): RecentWrite | undefined {
    return this.bySession.get(key)?.first
  }

  /** What cannot be made again of a session. */
  givenUp(key: string): GivenUp | undefined {
    return this.lastGivenUp.get(key)
  }

  add(write: RecentWrite): void {
    queueOf(this.bySession, write.target.key).add(write)
    queueOf(this.byRun, runOf(write)).add(write)
    this.held += write.bytes
    while (this.held > this.maxBytes) this.giveUp(this.oldest()!)
  }

  remove(write: RecentWrite): void {
    if (!takeFrom(this.bySession, write.target.key, write)) return
    takeFrom(this.byRun, runOf(write), write)
    this.held -= write.bytes
  }

  /** All that the run had acknowledged by then has been passed on. */
  passed(runId: string, until: number): void {
    this.takeBefore(runId, until, (write) => {
      this.remove(write)
      this.lastGivenUp.delete(write.target.key)
    })
  }

  /** What the run acknowledged before then is not kept any longer. */
  giveUpBefore(runId: string, time: number): void {
    this.takeBefore(runId, time, (write) => this.giveUp(write))
  }

  private takeBefore(runId: string, time: number, take: (write: RecentWrite) => void): void {
    for (let first = this.oldestOf(runId); first !== undefined && first.storedAt <= time; first = this.oldestOf(runId))
      take(first)
  }

  private oldestOf(runId: string): RecentWrite | undefined {
    return this.byRun.get(runId)?.first
  }

  private giveUp(write: RecentWrite): void {
    const { key } = write.target
    this.remove(write)
    const before = this.lastGivenUp.get(key)
    const counter = Number.parseInt(write.version, 10)
    setNewest(this.lastGivenUp, key, { counter, lastSeq: lastOf(write.seqs) ?? before?.lastSeq }, MOST_FORGOTTEN)
  }

  private oldest(): RecentWrite | undefined {
    let oldest: RecentWrite | undefined
    for (const { first: write } of this.byRun.values()) {
      if (write !== undefined && (oldest === undefined || write.storedAt < oldest.storedAt)) oldest = write
    }
    return oldest
  }
}

const lastOf = (seqs: SeqRange | undefined): number | undefined => seqs?.to

const runOf = ({ server }: RecentWrite): string => server.runId ?? UNKNOWN_RUN

const queueOf = (queues: Map<string, WriteQueue>, name: string): WriteQueue => {
  let queue = queues.get(name)
  if (queue === undefined) {
    queue = new WriteQueue()
    queues.set(name, queue)
  }
  return queue
}

const takeFrom = (queues: Map<string, WriteQueue>, name: string, write: RecentWrite): boolean => {
  const queue = queues.get(name)
  const wasThere = queue?.remove(write) === true
  if (queue?.size === 0) queues.delete(name)
  return wasThere
}
