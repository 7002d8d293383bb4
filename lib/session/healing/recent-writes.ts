import type { SeqRange, RecentWrite } from './recent-write.interface.js'
import { setNewest } from '../set-newest.js'

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
  private readonly bySession = new Map<string, Set<RecentWrite>>()
  private readonly byRun = new Map<string, Set<RecentWrite>>()
  private readonly lastGivenUp = new Map<string, GivenUp>()
  private held = 0

  constructor(private readonly maxBytes: number) {}

  get size(): number {
    return this.bySession.size
  }

  get sessions(): IterableIterator<string> {
    return this.bySession.keys()
  }

  of(key: string): ReadonlySet<RecentWrite> | undefined {
    return this.bySession.get(key)
  }

  /** What cannot be made again of a session. */
  givenUp(key: string): GivenUp | undefined {
    return this.lastGivenUp.get(key)
  }

  add(write: RecentWrite): void {
    setOf(this.bySession, write.target.key).add(write)
    setOf(this.byRun, runOf(write)).add(write)
    this.held += write.bytes
    while (this.held > this.maxBytes) this.giveUp(this.oldest()!)
  }

  remove(write: RecentWrite): void {
    if (this.bySession.get(write.target.key)?.has(write) !== true) return
    takeFrom(this.bySession, write.target.key, write)
    takeFrom(this.byRun, runOf(write), write)
    this.held -= write.bytes
  }

  /** All that the run had acknowledged by then has been passed on. */
  passed(runId: string, until: number): void {
    for (const write of this.before(runId, until)) {
      this.remove(write)
      this.lastGivenUp.delete(write.target.key)
    }
  }

  /** What the run acknowledged before then is not kept any longer. */
  giveUpBefore(runId: string, time: number): void {
    for (const write of this.before(runId, time)) this.giveUp(write)
  }

  private *before(runId: string, time: number): Iterable<RecentWrite> {
    for (const write of this.byRun.get(runId) ?? []) {
      if (write.storedAt > time) return
      yield write
    }
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
    for (const [write] of this.byRun.values()) {
      if (write !== undefined && (oldest === undefined || write.storedAt < oldest.storedAt)) oldest = write
    }
    return oldest
  }
}

const lastOf = (seqs: SeqRange | undefined): number | undefined => seqs?.to

const runOf = ({ server }: RecentWrite): string => server.runId ?? UNKNOWN_RUN

const setOf = (sets: Map<string, Set<RecentWrite>>, name: string): Set<RecentWrite> => {
  let set = sets.get(name)
  if (set === undefined) {
    set = new Set()
    sets.set(name, set)
  }
  return set
}

const takeFrom = (sets: Map<string, Set<RecentWrite>>, name: string, write: RecentWrite): void => {
  const set = sets.get(name)
  set?.delete(write)
  if (set?.size === 0) sets.delete(name)
}
