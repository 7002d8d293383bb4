import type { Summary } from '../model/summary.interface.js'
import { DecodeError } from './codec.errors.js'
import type { RecordCodec } from './record-codec.js'
import type { RecordParts } from './record-payload.js'

/** A summary as it stands in Redis: `1 <version> <written at, ms> <covers seq> <tokens> <payload>`. */
const FORMAT = '1'
const RECORD = /^(\d{1,4}) (\S+) (\d+) (\d+) (\d+) /

export const SUMMARY_FIELD = 'y'

/** The payload of a summary for its place: the session's field, and the copy beside it. */
export const sealSummary = (records: RecordCodec, text: string, coversSeq: number, tokens: number): string =>
  records.seal(text, SUMMARY_FIELD, `${coversSeq} ${tokens}`)

const parse = (record: string) => {
  const header = RECORD.exec(record)
  if (header === null) throw new DecodeError('not a summary record')
  const [all, format, version, time, coversSeq, tokens] = header
  if (format !== FORMAT) throw new DecodeError(`format ${format}, which this version does not know`)
  return {
    parts: {
      field: SUMMARY_FIELD,
      header: all,
      payload: record.slice(all.length),
      bound: `${coversSeq} ${tokens}`,
    },
    version: version!,
    time: Number(time),
    coversSeq: Number(coversSeq),
    tokens: Number(tokens),
  }
}

/** @throws DecodeError */
export const summaryParts = (record: string): RecordParts => parse(record).parts

/** The last seq a summary covers, as far as its record still says so. */
export const summaryCovers = (record: string): number | undefined => {
  const covers = RECORD.exec(record)?.[4]
  return covers === undefined ? undefined : Number(covers)
}

/** @throws DecodeError */
export const decodeSummary = (records: RecordCodec, record: string): Summary => {
  const { parts, version, time, coversSeq, tokens } = parse(record)
  const text = records.decode(parts.payload, parts.field, parts.bound)
  if (typeof text !== 'string') throw new DecodeError('a payload that is no text')
  return { text, coversSeq, createdAt: new Date(time), tokens, version }
}

/** A summary as it is kept beyond its session. */
export interface OutlivedSummary {
  /** What stands before the record. */
  readonly head: string
  readonly userId: string | undefined
  readonly record: string
}

/**
 * What stands under the summary's own key: `<version counter> <covers seq> <when the session was to expire, ms> <user id, if
 * any>:<record>`. `undefined` for the mark of a deletion, which has no record.
 */
export const parseCopy = (copy: string): OutlivedSummary | undefined => {
  const [, head, userId, record] = /^(\d+ \d+ \d+ ([^:]*):)(.+)$/s.exec(copy) ?? []
  return record === undefined ? undefined : { head: head!, userId: userId === '' ? undefined : userId, record }
}

/** When the session of a copy was to expire, in ms by the server's clock; 0 for the mark of a deletion. */
export const copyExpiry = (copy: string): number => Number(/^\d+ \d+ (\d+) /.exec(copy)?.[1] ?? 0)
