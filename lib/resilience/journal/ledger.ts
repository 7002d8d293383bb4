import { LEDGER_KEY, seal, unseal } from './journal-record.js'

/** What a commit says of the whole journal after it. */
export interface Ledger {
  /** The id of the next entry. */
  readonly next: number
  /** How many records there are: entries, and marks of those set aside. */
  readonly records: number
  /** The sum of their checksums, modulo 2 ** 32. */
  readonly sum: number
}

/** Counts the records of a journal as they come and go. */
export class LedgerCount implements Ledger {
  records = 0
  sum = 0

  constructor(public next = 1) {}

  add(checksum: number): void {
    this.records++
    this.sum = (this.sum + checksum) >>> 0
  }

  remove(checksum: number): void {
    this.records--
    this.sum = (this.sum - checksum) >>> 0
  }

  /** As it is written with every commit. */
  toRecord(): string {
    return seal(LEDGER_KEY, [this.next, this.records, this.sum]).value
  }
}

/** `undefined` for a record that is none, or garbled. */
export const parseLedger = (record: string): Ledger | undefined => {
  const content = unseal(LEDGER_KEY, record)?.content
  if (content === undefined) return undefined
  const [next, records, sum] = content as [number, number, number]
  return { next, records, sum }
}
