import type { Driver, MeasuredRow, Slice } from './rounds.mjs'

export declare class CallDriver implements Driver {
  constructor(target: { readonly module: string }, settings: object, admin?: object)
  open(): Promise<void>
  prepare(row: MeasuredRow, budget: number): Promise<void>
  ready(row: MeasuredRow, budget: number): Promise<void>
  slice(row: MeasuredRow, budget: number): Promise<Omit<Slice, 'round'>>
  check(row: MeasuredRow): Promise<void>
  close(): Promise<void>
}
