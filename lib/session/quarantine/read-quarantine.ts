import type { CorruptRecord, Version } from '../../model/record.interface.js'
import { inspectScript } from '../../redis/scripts/scripts.generated.js'
import { DecodeError } from '../../serialization/codec.errors.js'
import { decodeMessage } from '../../serialization/message-record.js'
import { payloadsOf } from '../../serialization/record-payload.js'
import { parseStateRecord } from '../../serialization/state-record.js'
import { decodeSummary } from '../../serialization/summary-record.js'
import type { QuarantinedRecord } from './quarantine.interface.js'
import { parseQuarantineLine, type AsideRecord } from './quarantine-line.js'
import { fieldOf } from '../record-reader.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { readWindow } from '../session-window.js'

const PAGE = 1_000

/** Where a record stands, and the digest that says that it still does. */
export interface Whereabouts {
  /** A field of the session's hash, or `Q` for the quarantine. */
  readonly field: string
  readonly sha1: string
}

export interface QuarantineRead {
  readonly records: readonly { readonly shown: QuarantinedRecord; readonly at: Whereabouts }[]
  readonly version: Version
}

/** Every record of the session that cannot be read where it stands. */
const findCorrupt = async (store: SessionStore, records: SessionRecords): Promise<CorruptRecord[]> => {
  const corrupt: CorruptRecord[] = []
  let after = 0
  for (;;) {
    const beside = after === 0 ? ({ summary: true, state: 'all' } as const) : {}
    const { window } = await readWindow(
      store,
      records,
      { ...beside, messages: { from: 'oldest', most: PAGE, after } },
      undefined,
      'fresh',
    )
    if (window === undefined) return corrupt
    corrupt.push(...window.corrupt)
    const seqs = [
      ...window.messages.map(({ message }) => message.seq),
      ...window.corrupt.flatMap(({ seq }) => seq ?? []),
    ]
    if (seqs.length < PAGE) return corrupt
    after = Math.max(...seqs)
  }
}

/** Why a record that was put aside cannot be read; it may be readable by now. */
const reasonOf = ({ codec }: SessionRecords, { name: { kind, seq, field }, record }: AsideRecord): string => {
  try {
    if (kind === 'message') decodeMessage(codec, seq!, record)
    else if (kind === 'state') parseStateRecord(codec, field!, record).value()
    else decodeSummary(codec, record)
    return 'readable by now'
  } catch (error) {
    if (error instanceof DecodeError) return error.reason
    throw error
  }
}

function* payloadsAside(lines: readonly AsideRecord[]): Iterable<string> {
  for (const { name, record } of lines) {
    if (name.kind === 'message') yield* payloadsOf({ messages: [[name.seq!, record]] })
    else if (name.kind === 'state') yield* payloadsOf({ state: [name.field!, record] })
    else yield* payloadsOf({ summary: record })
  }
}

const idOf = ({ field, sha1 }: Whereabouts): string => `${field} ${sha1}`

/** @throws MemoryError */
export const readQuarantine = async (store: SessionStore, records: SessionRecords): Promise<QuarantineRead> => {
  const corrupt = await findCorrupt(store, records)
  const reply = await store.read(inspectScript, 0, corrupt.map(fieldOf))
  if (reply[0] !== 'FOUND') return { records: [], version: '0' }
  const [, version, , inPlace, lines] = reply as unknown as [string, Version, string, string[], string[]]
  const standing = corrupt.flatMap((found, index) => {
    const record = inPlace[2 * index]!
    const at = { field: fieldOf(found), sha1: inPlace[2 * index + 1]! }
    return at.sha1 === '' ? [] : [{ shown: { ...found, id: idOf(at), record, inPlace: true }, at }]
  })
  const putAside = lines.flatMap((line, index) => {
    const parsed = index % 2 === 0 ? parseQuarantineLine(line) : undefined
    return parsed === undefined ? [] : [{ parsed, at: { field: 'Q', sha1: lines[index + 1]! } }]
  })
  await records.prepare(store.deadline(), payloadsAside(putAside.map(({ parsed }) => parsed)))
  const aside = putAside.map(({ parsed, at }) => {
    const { name, record, removedAt } = parsed
    const reason = reasonOf(records, parsed)
    return { shown: { ...name, reason, id: idOf(at), record, inPlace: false, removedAt }, at }
  })
  return { records: [...standing, ...aside], version }
}
