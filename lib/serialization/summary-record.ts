import type { Summary } from '../model/summary.interface.js'
import { DecodeError } from './codec.errors.js'
import type { Codec } from './codec.interface.js'

/** A summary as it stands in Redis: `1 <version> <written at, ms> <covers seq> <tokens> <payload>`. */
const FORMAT = '1'
const RECORD = /^(\d+) (\S+) (\d+) (\d+) (\d+) /

/** @throws DecodeError */
export const decodeSummary = (codec: Codec, record: string): Summary => {
  const header = RECORD.exec(record)
  if (header === null) throw new DecodeError('not a summary record')
  const [all, format, version, time, coversSeq, tokens] = header
  if (format !== FORMAT) throw new DecodeError(`format ${format}, which this version does not know`)
  const text = codec.decode(record.slice(all.length))
  if (typeof text !== 'string') throw new DecodeError('a payload that is no text')
  return {
    text,
    coversSeq: Number(coversSeq),
    createdAt: new Date(Number(time)),
    tokens: Number(tokens),
    version: version!,
  }
}

/** A summary as it is kept beyond its session. */
export interface OutlivedSummary {
  readonly userId: string | undefined
  readonly record: string
}

/**
 * What stands under the summary's own key: `<version counter> <covers seq> <user id, if any>:<record>`. `undefined` for the
 * mark of a deletion, which has no record.
 */
export const parseCopy = (copy: string): OutlivedSummary | undefined => {
  const [, userId, record] = /^\d+ \d+ ([^:]*):(.+)$/s.exec(copy) ?? []
  return record === undefined ? undefined : { userId: userId === '' ? undefined : userId, record }
}
