import type { Tally } from './tally.js'

/** What is printed of a scenario. */
export interface ScenarioRow extends Tally {
  readonly name: string
  /** Keys that the server evicted. */
  readonly evicted: number
  /** Whether the server refused writes. */
  readonly oom: boolean
}

export interface ScenarioOptions {
  /** How many sessions are written. */
  readonly sessions: number
}
