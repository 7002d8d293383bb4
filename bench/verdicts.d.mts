import type { Results } from './run/rounds.mjs'

export interface Verdict {
  readonly what: string
  readonly value: number | undefined
  readonly spread: readonly number[] | undefined
  readonly limit: number | undefined
  readonly bound: string
  readonly isMet: boolean | undefined
}

export declare const verdictsOf: (results: Results, costs: Readonly<Record<string, unknown>>) => readonly Verdict[]
