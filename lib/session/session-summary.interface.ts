import type { Version } from '../model/record.interface.js'
import type { Summary } from '../model/summary.interface.js'

/** @publicApi */
export interface SummaryCommit {
  readonly text: string
  /** The last `seq` the text covers, of those read at `basedOn`; every message up to it is trimmed. */
  readonly coversSeq: number
  /** The version of the summary that this one replaces; `null` when there is none yet. */
  readonly replaces: Version | null
  /** The session's version at which the covered messages were read: one of its last 134, or the commit is refused. */
  readonly basedOn: Version
  /** As for `append`. */
  readonly operationId?: string | undefined
}

/** @publicApi */
export interface SummaryCommitResult {
  /** As for `append`. */
  readonly stored: 'redis' | 'replicated'
  /** As for `append`. */
  readonly replicas?: number
  /** The session's version after this write, and the version of the new summary. */
  readonly version: Version
  readonly duplicate: boolean
  /** How many messages were dropped because the summary covers them. */
  readonly trimmed: number
  /** Whether the copy that outlives the session was written; if not, the next commit writes it. */
  readonly outlives: boolean
}

/** @publicApi */
export interface SessionSummary {
  /** The summary that stands, also one that outlived an earlier session of this id; `null` when there is none. */
  get(): Promise<Summary | null>
  /**
   * Puts a summary in the place of exactly the one named by `replaces`, and trims what it covers. Appends made
   * meanwhile are no conflict.
   *
   * @throws MemoryConflictError `SUMMARY_REPLACED` when another summary stands; `VERSION_MISMATCH` when a covered
   * message was edited or removed after `basedOn`
   */
  commit(summary: SummaryCommit): Promise<SummaryCommitResult>
}
