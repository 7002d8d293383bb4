import type { Version } from '../model/record.interface.js'

/** What of the session to read, as one state of it. */
export interface WindowRequest {
  readonly summary?: boolean
  readonly state?: 'all' | readonly string[]
  readonly messages?: {
    readonly from: 'newest' | 'oldest'
    readonly most?: number
    readonly turns?: number
    readonly tokens?: number
    readonly after?: number
    readonly before?: number
  }
}

/** What was read, as it stands. */
export interface FoundRecords {
  readonly version: Version
  /** Set when it did not come from Redis: how long ago it was so, in ms. */
  readonly staleMs?: number
  /** Set when a replica answered. */
  readonly ofReplica?: true
  /** As the scripts answer it: see `parseLife`. */
  readonly life: string
  /** How many messages the session keeps. */
  readonly kept: number
  /** The server's, in ms. */
  readonly now: number
  readonly summary: string | null
  /** Names and records in turn. */
  readonly state: readonly string[]
  /** Of the messages, in the order they were asked for; without those that do not exist. */
  readonly messages: readonly (readonly [seq: number, record: string])[]
}

/** There is no session. */
export interface NoSession {
  readonly none: true
  /** The copy of a summary that outlived it. */
  readonly outlived: string | undefined
}
