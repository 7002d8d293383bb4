export interface Row {
  readonly name: string
  readonly kind: 'calls' | 'http' | 'cost'
  readonly operation: string
  readonly target?: string
  readonly history?: number
  readonly callers?: number
  readonly isQuick: boolean
}

export declare const ROWS: readonly Row[]
