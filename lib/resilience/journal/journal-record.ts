import { crc32 } from 'node:zlib'
import type { NewJournalEntry } from './journal-entry.interface.js'

/*
 * What stands in the database:
 *
 *   ledger    what the last commit left: see ledger.ts
 *   e<id>     an entry: [session, operationId, at, text]
 *   x<id>     beside it when it was set aside: [reason, asideAt]
 *
 * Each is JSON behind a checksum of key and JSON, as LevelDB reads its tables without checking theirs.
 */

export const LEDGER_KEY = 'ledger'

/** So many digits that the keys are in the order of the ids. */
const DIGITS = 16

const numbered = (id: number): string => String(id).padStart(DIGITS, '0')

export const entryKey = (id: number): string => `e${numbered(id)}`
export const asideKey = (id: number): string => `x${numbered(id)}`

/** The kind and the id in a key; `undefined` for one that is none of ours. */
export const parseKey = (key: string): { kind: 'entry' | 'aside'; id: number } | undefined => {
  const match = /^([ex])(\d{16})$/.exec(key)
  return match === null ? undefined : { kind: match[1] === 'e' ? 'entry' : 'aside', id: Number(match[2]) }
}

/** A value of the database, and its checksum as a number. */
export interface SealedValue {
  readonly value: string
  readonly checksum: number
}

const checksumOf = (key: string, json: string): number => crc32(json, crc32(key))

export const seal = (key: string, content: unknown): SealedValue => {
  const json = JSON.stringify(content)
  const checksum = checksumOf(key, json)
  return { value: checksum.toString(16).padStart(8, '0') + json, checksum }
}

/** What was sealed under the key; `undefined` when key or value changed since. */
export const unseal = (key: string, value: string): { content: unknown; checksum: number } | undefined => {
  const json = value.slice(8)
  const checksum = checksumOf(key, json)
  if (value.slice(0, 8) !== checksum.toString(16).padStart(8, '0')) return undefined
  return { content: JSON.parse(json), checksum }
}

type EntryContent = readonly [session: string, operationId: string, at: number, text: string]

export const contentOf = ({ session, operationId, at, text }: NewJournalEntry): EntryContent => [
  session,
  operationId,
  at,
  text,
]

export const entryOf = (content: unknown): NewJournalEntry => {
  const [session, operationId, at, text] = content as EntryContent
  return { session, operationId, at, text }
}
