import type { CorruptRecord, Version } from '../../model/record.interface.js'
import type { WriteOptions } from '../write-options.interface.js'

/**
 * A record that cannot be read, with its content.
 *
 * @publicApi
 */
export interface QuarantinedRecord extends CorruptRecord {
  /** Names the record among the others of one answer, as it stands now. */
  readonly id: string
  /** What stands in Redis, header and payload. Bytes that are no UTF-8 are shown as U+FFFD. */
  readonly record: string
  /** Whether it is still in its place. Otherwise it was replaced or trimmed, and is only kept here. */
  readonly inPlace: boolean
  /** When it was replaced or trimmed. */
  readonly removedAt?: Date
}

/** @publicApi */
export interface QuarantineResult {
  /** The session's version after this write. */
  readonly version: Version
  readonly duplicate: boolean
}

/**
 * The records of a session that cannot be read: those in their places, and those that were replaced or trimmed since, of which
 * the newest are kept (1 MiB). They go with the session, and with `clear`.
 *
 * @publicApi
 */
export interface Quarantine {
  readonly records: readonly QuarantinedRecord[]
  /** Of the session; `'0'` when there is none. */
  readonly version: Version

  /**
   * Puts what is right into the place of a record: a message under the same `seq`, a state value, or the text of a summary. What
   * could not be read is kept in the quarantine.
   *
   * @throws MemoryConflictError `VERSION_MISMATCH` when it is another record by now
   * @throws MemoryInvalidError for a record that is not in its place, or a replacement that is none
   */
  repair(
    record: QuarantinedRecord,
    replacement: unknown,
    options?: Pick<WriteOptions, 'operationId'>,
  ): Promise<QuarantineResult>

  /**
   * Removes records for good, all or none.
   *
   * @throws MemoryConflictError `VERSION_MISMATCH` when one in its place is another by now
   */
  drop(
    records: QuarantinedRecord | readonly QuarantinedRecord[],
    options?: Pick<WriteOptions, 'operationId'>,
  ): Promise<QuarantineResult>
}

/** @publicApi */
export interface ReencryptResult {
  /** Records that were written anew under the current key. */
  readonly reencrypted: number
  /** Records that stand under the current key, those just written among them. */
  readonly current: number
  /** Records that another writer changed meanwhile; if it is not 0, call again. */
  readonly remaining: number
  /** Records that cannot be read, and so were left as they are. Those that were put aside earlier do not count. */
  readonly corrupt: readonly CorruptRecord[]
}
