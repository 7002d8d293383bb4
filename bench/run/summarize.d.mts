import type { Failure } from './failure.mjs'
import type { Result, Results } from './rounds.mjs'

export declare const middleHalf: (values: readonly number[]) => readonly [number, number]

export declare const summarize: (result: Result) => {
  readonly name: string
  readonly operation: string
  readonly target?: string
  readonly failed?: Failure
  readonly rounds?: number
  readonly microseconds?: number
  readonly spread?: readonly number[]
  readonly perSecond?: number
  readonly clientCpu?: number
  readonly serverCpu?: number
}

export declare const ratioOf: (
  results: Results,
  slow: string,
  fast: string,
) => { readonly ratio: number; readonly spread: readonly number[] } | undefined
