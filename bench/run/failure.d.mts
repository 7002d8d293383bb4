export interface Failure {
  readonly reason: string
  readonly isWrong: boolean
  readonly isLate: boolean
}

export declare const failureOf: (error: Error) => Failure

export declare const failsRun: (row: { readonly target?: string; readonly failed?: Failure }) => boolean

export declare const wordOf: (row: { readonly target?: string; readonly failed: Failure }) => string
