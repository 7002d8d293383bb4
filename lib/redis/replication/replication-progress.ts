import type { ReplicationInfo } from './replication-info.js'

interface Mark {
  readonly at: number
  readonly offset: number
}

/** So many that a replica may be minutes behind. */
const MOST_MARKS = 600

/** Up to when what one run of a master acknowledged is known to have reached its replicas. */
export class ReplicationProgress {
  private marks: Mark[] = []
  private most = 0

  /** Whether it had a replica since it is looked at: one that is not there may be the one that takes over. */
  get hasReplicas(): boolean {
    return this.most > 0
  }

  /**
   * @param at when it was asked, by performance.now(): what was acknowledged before is in its offset
   * @returns the time up to which all was passed on; `undefined` when it is not known, as when a replica is missing
   */
  saw(at: number, { offset, replicas }: ReplicationInfo): number | undefined {
    this.marks.push({ at, offset })
    if (this.marks.length > MOST_MARKS) this.marks.shift()
    this.most = Math.max(this.most, replicas.length)
    if (replicas.length === 0 || replicas.length < this.most) return undefined
    const reached = Math.min(...replicas)
    const passed = this.marks.findLast((mark) => mark.offset <= reached)
    if (passed === undefined) return undefined
    this.marks = this.marks.filter((mark) => mark.at > passed.at)
    return passed.at
  }
}
