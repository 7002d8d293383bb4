import type { Version } from '../model/record.interface.js'
import { DecodeError } from './codec.errors.js'
import type { Codec } from './codec.interface.js'
import type { RecordCodec } from './record-codec.js'
import { below, withPath } from './record-error.js'
import type { RecordParts } from './record-payload.js'
import { hasReplacement } from './replacement-character.js'

/**
 * A state value as it stands in Redis: `1 <version> <written at, ms> <expires at, ms, or 0> <index> <payload>`.
 * The index says where the members of a plain object are, so that the server can merge two of them; see write-state.lua.
 */
const FORMAT = '1'
const RECORD = /^(\d{1,4}) (\S+) (\d+) (\d+) (-|x|o[\d,]*) /

const OBJECT_OF_ITS_OWN = 'x'

export const stateField = (name: string): string => `s:${name}`

/** A state value on its way to Redis. */
export interface EncodedStateValue {
  /** Of the text; the sealed payload may have another. */
  readonly index: string
  readonly text: string
  /** As one text for equal values. */
  readonly canonical: string
}

/** @throws MemorySerializationError with the path below `path` */
export const encodeStateValue = (codec: Codec, value: unknown, path: string): EncodedStateValue =>
  withPath(() => {
    const object = codec.encodeMembers(value)
    const canonical = codec.canonical(value)
    if (object === undefined) return { index: '-', text: codec.encode(value), canonical }
    const index = object.memberBytes === undefined ? OBJECT_OF_ITS_OWN : `o${object.memberBytes.flat().join(',')}`
    return { index, text: object.text, canonical }
  }, below(path))

/** The payload of a state value for its field, and the index that goes with it. */
export const sealStateValue = (
  records: RecordCodec,
  { index, text }: Pick<EncodedStateValue, 'index' | 'text'>,
  name: string,
): { readonly index: string; readonly payload: string } => {
  const kind = index === '-' ? '-' : OBJECT_OF_ITS_OWN
  const payload = records.seal(text, stateField(name), kind)
  // Where it is sealed as another text, its members are elsewhere.
  return { index: records.envelope.isOpen(payload) && !hasReplacement(text) ? index : kind, payload }
}

const parse = (name: string, record: string) => {
  const header = RECORD.exec(record)
  if (header === null) throw new DecodeError('not a state record')
  const [all, format, version, , expires, index] = header
  if (format !== FORMAT) throw new DecodeError(`format ${format}, which this version does not know`)
  const bound = index === '-' ? '-' : OBJECT_OF_ITS_OWN
  return {
    parts: { field: stateField(name), header: all, payload: record.slice(all.length), bound },
    version: version!,
    expires: Number(expires),
  }
}

/** @throws DecodeError */
export const stateParts = (name: string, record: string): RecordParts => {
  const { parts } = parse(name, record)
  // The server merges by the index, and cannot once the payload is sealed.
  return { ...parts, header: parts.header.replace(/o[\d,]* $/, `${OBJECT_OF_ITS_OWN} `) }
}

/** When a state value expires, in ms, as far as its record still says so; 0 for never. */
export const stateExpiry = (record: string): number => Number(RECORD.exec(record)?.[4] ?? 0)

/** A state value read; `value` is not decoded yet, since that may fail. */
export interface StateRecord {
  readonly version: Version
  /** In ms; 0 for none. */
  readonly expires: number
  readonly value: () => unknown
}

/** @throws DecodeError */
export const parseStateRecord = (records: RecordCodec, name: string, record: string): StateRecord => {
  const { parts, version, expires } = parse(name, record)
  return { version, expires, value: () => records.decode(parts.payload, parts.field, parts.bound) }
}
