import type { Version } from './record.interface.js'

/** @publicApi */
export interface Summary {
  readonly text: string
  /** The summary stands for all messages up to this `seq`. */
  readonly coversSeq: number
  readonly createdAt: Date
  readonly tokens: number
  /** To be named by the next commit as `replaces`. */
  readonly version: Version
}
