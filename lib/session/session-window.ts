import type { CorruptRecord, Version } from '../model/record.interface.js'
import type { Summary } from '../model/summary.interface.js'
import type { Deadline } from '../redis/deadline.js'
import { payloadsOf } from '../serialization/record-payload.js'
import type { DecodedMessage } from '../serialization/message-record.js'
import { parseStateRecord } from '../serialization/state-record.js'
import { decodeSummary } from '../serialization/summary-record.js'
import { Pace } from './pace.js'
import { readRecords, type ReadFrom } from './read-records.js'
import type { FoundRecords, WindowRequest } from './window-request.interface.js'
import type { RecordReader } from './record-reader.js'
import type { SessionRecords } from './session-records.js'
import type { SessionStore } from './session-store.js'

/** What was read. */
export interface SessionWindow<Metadata> {
  readonly version: Version
  /** Set when it did not come from Redis. */
  readonly staleMs?: number | undefined
  /** Set when a replica answered: nobody knows how old it is. */
  readonly ofReplica?: true | undefined
  /** How many messages the session keeps. */
  readonly kept: number
  /** In the order of their seq. */
  readonly messages: DecodedMessage<Metadata>[]
  readonly summary: Summary | undefined
  readonly state: Map<string, { readonly value: unknown; readonly version: Version }>
  readonly corrupt: CorruptRecord[]
}

/** What a read found. */
export interface WindowRead<Metadata> {
  readonly window?: SessionWindow<Metadata>
  /** Where there is no session: the copy of a summary that outlived it. */
  readonly outlived?: string | undefined
}

/** What an answer says of where it came from. */
export const staleness = (
  window: Pick<SessionWindow<unknown>, 'staleMs' | 'ofReplica'> | undefined,
): { readonly stale: boolean; readonly staleMs?: number } =>
  window?.staleMs === undefined ? { stale: window?.ofReplica === true } : { stale: true, staleMs: window.staleMs }

/** @throws MemoryError */
export const readWindow = async <Metadata>(
  store: SessionStore,
  records: SessionRecords,
  request: WindowRequest,
  deadline: Deadline = store.deadline(),
  from: ReadFrom = 'any',
): Promise<WindowRead<Metadata>> => {
  const held = store.reading()
  try {
    const found = await readRecords(store, request, store.ttl, deadline, held, from)
    if ('none' in found) return { outlived: found.outlived }
    const { version, staleMs, ofReplica, kept, now, summary, state, messages } = found
    // Redis was waited for as long as it may be: there is time set apart for what takes its place.
    const rest = staleMs === undefined ? deadline : store.shared.resilience.timeForOutage()
    const ready = records.prepare(rest, payloadsOf(found))
    if (ready !== undefined) await ready
    const reader = ofReplica ? records.readerOfReplica() : records.reader()
    const pace = new Pace(store.shared.resilience.loopTurns, rest, store.target.id)
    const window: SessionWindow<Metadata> = {
      version,
      staleMs,
      ofReplica,
      kept,
      messages: await readMessages(reader, messages, request.messages?.from !== 'oldest', pace),
      summary:
        summary === null
          ? undefined
          : reader.read({ kind: 'summary' }, summary, () => decodeSummary(reader.codec, summary)),
      state: state.length === 0 ? new Map() : await readState(records, reader, state, now, pace, rest),
      corrupt: reader.corrupt,
    }
    return { window }
  } finally {
    held.release()
  }
}

const readMessages = async <Metadata>(
  reader: RecordReader,
  records: FoundRecords['messages'],
  newestFirst: boolean,
  pace: Pace,
): Promise<DecodedMessage<Metadata>[]> => {
  const messages: DecodedMessage<Metadata>[] = []
  for (const [seq, record] of records) {
    const message = reader.readMessage<Metadata>(seq, record)
    if (message !== undefined) messages.push(message)
    const pause = pace.pause(record)
    if (pause !== undefined) await pause
  }
  return newestFirst ? messages.toReversed() : messages
}

const readState = async (
  session: SessionRecords,
  reader: RecordReader,
  pairs: readonly string[],
  now: number,
  pace: Pace,
  deadline: Deadline,
): Promise<SessionWindow<unknown>['state']> => {
  const fields: SessionWindow<unknown>['state'] = new Map()
  const records = new Map<string, string>()
  for (let index = 0; index < pairs.length; index += 2) {
    const [field, record] = [pairs[index]!, pairs[index + 1]!]
    const read = reader.read({ kind: 'state', field }, record, () => {
      const { expires, version, value } = parseStateRecord(reader.codec, field, record)
      return expires !== 0 && expires <= now ? undefined : { version, value: value() }
    })
    const pause = pace.pause(record)
    if (pause !== undefined) await pause
    if (read === undefined) continue
    fields.set(field, read)
    records.set(field, record)
  }
  if (!session.typed) return fields
  const values = new Map([...fields].map(([field, { value }]) => [field, value]))
  for (const [field, reason] of await session.misfits(values, deadline)) {
    fields.delete(field)
    reader.report({ kind: 'state', field, reason }, records.get(field)!)
  }
  return fields
}
