import type { Version } from '../../model/record.interface.js'

/** What Redis has of a session. */
export type Standing =
  | { readonly state: 'found'; readonly version: Version; readonly lastSeq: number }
  /** @property now of the server, in ms */
  | { readonly state: 'deleted' | 'absent'; readonly now: number }
