export type Verdict = 'exact' | 'refused' | 'unreadable' | 'WRONG'

export declare const VERDICTS: readonly Verdict[]

export declare const judge: (
  codec: { readonly write: (value: unknown) => unknown; readonly read: (written: never) => unknown },
  value: unknown,
) => Verdict
