import type { CorruptRecord } from '../model/record.interface.js'
import { DecodeError } from '../serialization/codec.errors.js'

/** Reads a record; one that cannot be read is named in `corrupt`, so that it does not hide its neighbours. */
export const readOrReport = <T>(
  read: () => T,
  record: Omit<CorruptRecord, 'reason'>,
  corrupt: CorruptRecord[],
): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    corrupt.push({ ...record, reason: error.reason })
    return undefined
  }
}
