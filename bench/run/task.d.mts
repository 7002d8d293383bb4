import type { MeasuredRow } from './rounds.mjs'

export declare class Task {
  constructor(memory: object, row: MeasuredRow)
  refresh(): Promise<void>
  call(caller: number): Promise<void>
  check(): Promise<void>
}
