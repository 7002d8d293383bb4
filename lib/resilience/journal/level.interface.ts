/** One change of a batch. */
export type LevelOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string }

/** What the journal uses of a database of classic-level. Its own types would bind the published ones to an optional peer. */
export interface Level {
  open(): Promise<void>
  close(): Promise<void>
  getMany(keys: string[]): Promise<(string | undefined)[]>
  batch(operations: LevelOperation[], options: { readonly sync: boolean }): Promise<void>
  iterator(): AsyncIterable<[key: string, value: string]>
}

/** The class. */
export type LevelClass = new (location: string, options: { readonly createIfMissing: boolean }) => Level
