import type { Version } from '../../model/record.interface.js'
import type { FoundRecords } from '../window-request.interface.js'

/** What Redis answered to a write of this process. */
export interface SeenWrite {
  readonly version: Version
  /** The server's time, in ms, where the answer has it. */
  readonly now?: number
  /** How many messages were trimmed by it. */
  readonly trimmed?: number
  readonly life?: string
}

/** An append that was executed by this very call: no duplicate. */
export interface SeenAppend extends SeenWrite {
  /** The seq of the first record. */
  readonly first: number
  readonly records: readonly string[]
  /** How many messages the session keeps, where that is known. */
  readonly kept?: number
}

export interface SeenStateWrite extends SeenWrite {
  readonly written: readonly (readonly [field: string, record: string])[]
  readonly removed: readonly string[]
}

/** An answer out of the cache. */
export interface CachedAnswer {
  readonly found: FoundRecords
  /** How long ago the oldest part of it was known to be so, in ms. */
  readonly ageMs: number
}
