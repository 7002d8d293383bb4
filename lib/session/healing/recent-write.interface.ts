import type { SummaryToCommit } from '../commit-summary.js'
import type { Version } from '../../model/record.interface.js'
import type { ServerRun } from '../../redis/server-run.js'
import type { WriteContent } from '../outage/write-content.js'
import type { SessionTarget } from '../session-target.interface.js'

/** What a write writes that can be made again. */
export type HealableContent =
  | WriteContent
  | { readonly kind: 'clear' }
  | { readonly kind: 'delete' }
  | {
      readonly kind: 'summary.commit'
      readonly summary: SummaryToCommit
    }

/** What a write is made again with. */
export interface Healable {
  readonly content: HealableContent
  /** What the caller gave, as of `operation`. */
  readonly canonical: string
  /** Of one that is made again: when it was written first, and its place among the others. */
  readonly former?: { readonly writtenAt: number; readonly order: number } | undefined
}

/** A write that Redis acknowledged. */
export interface RecentWrite extends Healable {
  readonly target: SessionTarget
  readonly operationId: string
  /** The server it was sent to. */
  readonly server: ServerRun
  /** By performance.now(). */
  readonly storedAt: number
  /** By the server's clock, in ms. */
  readonly writtenAt: number
  /** The version that it made. */
  readonly version: Version
  /** Whether the session began with it. */
  readonly began: boolean
  /** When the session ends by what was answered, by the server's clock, in ms; 0 when it was not said. */
  readonly expires: number
  /** Of an append: the seqs of its messages. */
  readonly seqs: SeqRange | undefined
  /** Its place among those of the session. */
  readonly order: number
  /** Of memory, about. */
  readonly bytes: number
}

/** From the first to the last, both of them included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}
