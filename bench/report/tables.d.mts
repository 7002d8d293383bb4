import type { Verdict } from '../verdicts.mjs'
import type { summarize } from '../run/summarize.mjs'

export interface Table {
  readonly title: string
  readonly rows: readonly (readonly string[])[]
  readonly right: readonly number[]
}

export declare const rowTables: (summaries: readonly ReturnType<typeof summarize>[]) => readonly Table[]

export declare const verdictTable: (verdicts: readonly Verdict[]) => Table
