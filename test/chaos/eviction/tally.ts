import type { LossReason, MemoryService } from 'nestjs-agent-memory'
import { readEveryWay, type KnownSession } from './known-session.js'

/** What became of many sessions. */
export interface Tally {
  sessions: number
  complete: number
  /** By reason. */
  readonly lost: Partial<Record<LossReason, number>>
  silent: number
  /** Those that were lost. */
  readonly gone: KnownSession[]
  /** What must not be, one line each. */
  readonly problems: string[]
}

/** Reads each session in every way: what was gone once stays gone, and what was lost is not complete again. */
export const tallySessions = async (memory: MemoryService, sessions: Iterable<KnownSession>): Promise<Tally> => {
  const tally: Tally = { sessions: 0, complete: 0, lost: {}, silent: 0, gone: [], problems: [] }
  for (const known of sessions) {
    tally.sessions++
    let reason: LossReason | undefined
    let complete = true
    for (const told of await readEveryWay(memory, known)) {
      if (told.kind === 'silent') tally.silent++
      if (told.kind !== 'complete') complete = false
      if (told.kind === 'silent' || told.kind === 'failed') tally.problems.push(told.detail)
      if (told.kind === 'complete' && reason !== undefined) tally.problems.push(`${known.id}: lost, and complete again`)
      if (told.kind === 'lost') reason = told.reason
    }
    if (complete) tally.complete++
    if (reason !== undefined) {
      tally.lost[reason] = (tally.lost[reason] ?? 0) + 1
      tally.gone.push(known)
    }
  }
  return tally
}
