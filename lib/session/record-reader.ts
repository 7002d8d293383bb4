import type { CorruptRecord } from '../model/record.interface.js'
import { DecodeError } from '../serialization/codec.errors.js'
import type { RecordCodec } from '../serialization/record-codec.js'
import { decodeMessage, messageField, type DecodedMessage } from '../serialization/message-record.js'
import { stateField } from '../serialization/state-record.js'
import { SUMMARY_FIELD } from '../serialization/summary-record.js'
import type { CorruptLedger } from './corrupt-ledger.js'
import type { SessionTarget } from './session-target.interface.js'

/** The field of the session's hash in which a record stands. */
export const fieldOf = ({ kind, seq, field }: Omit<CorruptRecord, 'reason'>): string => {
  if (kind === 'message') return messageField(seq!)
  return kind === 'state' ? stateField(field!) : SUMMARY_FIELD
}

/** Reads the records of one answer. One that cannot be read is named in `corrupt`, so that it does not hide its neighbours. */
export class RecordReader {
  readonly corrupt: CorruptRecord[] = []

  constructor(
    readonly codec: RecordCodec,
    private readonly ledger: CorruptLedger | undefined,
    private readonly target: SessionTarget,
  ) {}

  /** What `read` makes of the record; `undefined` when it throws a DecodeError. */
  read<T>(name: Omit<CorruptRecord, 'reason'>, record: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      return this.failed(error, name, record)
    }
  }

  /** The same, for a message; a window has many. */
  readMessage<Metadata>(seq: number, record: string): DecodedMessage<Metadata> | undefined {
    try {
      return decodeMessage<Metadata>(this.codec, seq, record)
    } catch (error) {
      return this.failed(error, { kind: 'message', seq }, record)
    }
  }

  report(corrupt: CorruptRecord, record: string): void {
    this.corrupt.push(corrupt)
    this.ledger?.report(this.target, fieldOf(corrupt), record, corrupt)
  }

  private failed(error: unknown, name: Omit<CorruptRecord, 'reason'>, record: string): undefined {
    if (!(error instanceof DecodeError)) throw error
    this.report({ ...name, reason: error.reason }, record)
    return undefined
  }
}
