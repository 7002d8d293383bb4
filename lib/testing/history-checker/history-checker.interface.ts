import type { WriteName } from './write-history.js'

/** @publicApi */
export interface HistoryCheckerOptions {
  /**
   * By when every call has to settle, in ms: the deadline of the memory and a margin for a busy machine. A call that does
   * not is reported as hung, and rejects with HungCallError so that its caller goes on.
   *
   * @default 10_000
   */
  readonly settlesWithin?: number
}

/** A write of one entry to a session's log. @publicApi */
export interface WriteCall extends WriteName {
  /** What stands there afterwards; without it, only the id is looked for. */
  readonly content?: string
}

/** A write of one value to one field. @publicApi */
export interface AssignCall {
  readonly writer: string
  readonly session: string
  readonly field: string
  /** Unique in the field, so that it tells which write it came from. */
  readonly value: string
}

/** An entry of a log as it was read: its id, and its content where that is to be compared. @publicApi */
export type Entry = string | { readonly id: string; readonly content?: string }

/** @publicApi */
export interface ReadCall {
  readonly session: string
  /**
   * What is read: the whole log, or its newest entries, however many.
   *
   * @default 'all'
   */
  readonly of?: 'all' | 'newest'
}

/** What stands in a session in the end. @publicApi */
export interface SessionContent {
  /** The log, in its order. */
  readonly entries?: readonly Entry[]
  /** The fields, by name; those that are absent or `undefined` have no value. */
  readonly fields?: Readonly<Record<string, string | undefined>>
}
