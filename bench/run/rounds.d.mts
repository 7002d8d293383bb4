import type { Failure } from './failure.mjs'

export interface MeasuredRow {
  readonly name: string
  readonly operation: string
  readonly target?: string
  readonly history: number
  readonly callers: number
}

export interface Slice {
  readonly round: number
  readonly microseconds: number
  readonly clientCpu?: number
  readonly serverCpu?: number
}

export interface Result {
  readonly row: MeasuredRow
  readonly slices: readonly Slice[]
  readonly failed?: Failure
}

export type Results = ReadonlyMap<string, Result>

export interface Driver {
  open(): Promise<void>
  prepare(row: MeasuredRow, budget: number): Promise<void>
  ready(row: MeasuredRow, budget: number): Promise<void>
  slice(row: MeasuredRow, budget: number): Promise<Omit<Slice, 'round'>>
  check(row: MeasuredRow): Promise<void>
}

export declare const measureRounds: (
  rows: readonly MeasuredRow[],
  terms: {
    readonly driverOf: (row: MeasuredRow) => Driver
    readonly rounds: number
    readonly budget: number
    readonly within: number
    readonly signal: AbortSignal
    readonly progress: object
  },
) => Promise<Results>
