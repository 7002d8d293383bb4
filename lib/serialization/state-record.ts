import type { Version } from '../model/record.interface.js'
import { DecodeError } from './codec.errors.js'
import type { Codec } from './codec.interface.js'
import { below, withPath } from './record-error.js'

/**
 * A state value as it stands in Redis: `1 <version> <written at, ms> <expires at, ms, or 0> <index> <payload>`.
 * The index says where the members of a plain object are, so that the server can merge two of them; see write-state.lua.
 */
const FORMAT = '1'
const RECORD = /^(\d+) (\S+) (\d+) (\d+) (-|o[\d,]*) /

/** A state value on its way to Redis. */
export interface EncodedStateValue {
  readonly index: string
  readonly payload: string
  /** As one text for equal values. */
  readonly canonical: string
}

/** @throws MemorySerializationError with the path below `path` */
export const encodeStateValue = (codec: Codec, value: unknown, path: string): EncodedStateValue =>
  withPath(() => {
    const object = codec.encodeMembers(value)
    const canonical = codec.canonical(value)
    return object === undefined
      ? { index: '-', payload: codec.encode(value), canonical }
      : { index: `o${object.memberBytes.flat().join(',')}`, payload: object.text, canonical }
  }, below(path))

/** A state value read; `value` is not decoded yet, since that may fail. */
export interface StateRecord {
  readonly version: Version
  /** In ms; 0 for none. */
  readonly expires: number
  readonly value: () => unknown
}

/** @throws DecodeError */
export const parseStateRecord = (codec: Codec, record: string): StateRecord => {
  const header = RECORD.exec(record)
  if (header === null) throw new DecodeError('not a state record')
  const [all, format, version, , expires] = header
  if (format !== FORMAT) throw new DecodeError(`format ${format}, which this version does not know`)
  return { version: version!, expires: Number(expires), value: () => codec.decode(record.slice(all.length)) }
}
