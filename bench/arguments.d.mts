import type { Row } from './rows.mjs'

export declare class UsageError extends Error {}

export declare const readArguments: (
  args: readonly string[],
  rows: readonly Row[],
) => {
  readonly isQuick: boolean
  readonly isList: boolean
  readonly isByName: boolean
  readonly writesDocs: boolean
  readonly rounds: number | undefined
  readonly rows: readonly Row[]
}
