import type { RecordCodec } from './record-codec.js'

/** A record in its parts: what stands before the payload, and what the payload is bound to. */
export interface RecordParts {
  readonly field: string
  readonly header: string
  readonly payload: string
  readonly bound: string
}

/** The same record as it would be written today, or `undefined` when it stands so already. @throws DecodeError */
export const reseal = (records: RecordCodec, { field, header, payload, bound }: RecordParts): string | undefined =>
  records.envelope.isCurrent(payload)
    ? undefined
    : header + records.seal(records.open(payload, field, bound), field, bound)

/** The words of a header. */
const MESSAGE_WORDS = 3
const STATE_WORDS = 5
const SUMMARY_WORDS = 5

const afterWords = (record: string, words: number): string => {
  let at = -1
  for (let word = 0; word < words; word++) {
    at = record.indexOf(' ', at + 1)
    if (at === -1) return ''
  }
  return record.slice(at + 1)
}

/** The payloads of what a read answered; '' for a record that has none. */
export function* payloadsOf(read: {
  readonly messages?: readonly (readonly [seq: number, record: string])[]
  /** Names and records in turn. */
  readonly state?: readonly string[]
  readonly summary?: string | null
}): Iterable<string> {
  for (const [, record] of read.messages ?? []) yield afterWords(record, MESSAGE_WORDS)
  for (const [index, record] of (read.state ?? []).entries()) if (index % 2 === 1) yield afterWords(record, STATE_WORDS)
  if (typeof read.summary === 'string') yield afterWords(read.summary, SUMMARY_WORDS)
}
