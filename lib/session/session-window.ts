import type { CorruptRecord, Version } from '../model/record.interface.js'
import type { Summary } from '../model/summary.interface.js'
import type { Deadline } from '../redis/deadline.js'
import type { ScriptReply } from '../redis/run-script.js'
import { readScript } from '../redis/scripts/scripts.generated.js'
import type { Codec } from '../serialization/codec.interface.js'
import { decodeMessage, type DecodedMessage } from '../serialization/message-record.js'
import { parseStateRecord } from '../serialization/state-record.js'
import { decodeSummary } from '../serialization/summary-record.js'
import { readOrReport } from './corrupt.js'
import type { SessionStore } from './session-store.js'

/** What of the session to read, in one round trip. */
export interface WindowRequest {
  readonly summary?: boolean
  readonly state?: 'all' | readonly string[]
  readonly messages?: {
    readonly from: 'newest' | 'oldest'
    readonly most?: number
    readonly turns?: number
    readonly tokens?: number
    readonly after?: number
    readonly before?: number
  }
}

/** What was read. */
export interface SessionWindow<Metadata> {
  readonly version: Version
  /** How many messages the session keeps. */
  readonly kept: number
  /** In the order of their seq. */
  readonly messages: DecodedMessage<Metadata>[]
  readonly summary: Summary | undefined
  readonly state: Map<string, { readonly value: unknown; readonly version: Version }>
  readonly corrupt: CorruptRecord[]
}

const argumentsOf = ({ summary, state, messages }: WindowRequest): (string | number)[] => [
  summary === true ? 'y' : '',
  state === undefined ? '' : state === 'all' ? 'all' : 'some',
  messages?.from ?? '',
  messages?.most ?? 0,
  messages?.turns ?? 0,
  messages?.tokens ?? 0,
  messages?.after ?? 0,
  messages?.before ?? 0,
  ...(Array.isArray(state) ? (state as readonly string[]) : []),
]

type FoundReply = readonly [
  status: string,
  version: Version,
  kept: number,
  now: string,
  summary: string | null,
  state: readonly string[],
  seq: number,
  records: readonly (string | null)[],
]

/** What a read found. */
export interface WindowRead<Metadata> {
  readonly window?: SessionWindow<Metadata>
  /** Whether there is no session because it was deleted; then no summary outlived it either. */
  readonly deleted: boolean
}

/** @throws MemoryError */
export const readWindow = async <Metadata>(
  store: SessionStore,
  codec: Codec,
  request: WindowRequest,
  deadline?: Deadline,
): Promise<WindowRead<Metadata>> => {
  const reply: ScriptReply = await store.read(readScript, store.ttl, argumentsOf(request), deadline)
  if (reply[0] !== 'FOUND') return { deleted: reply[0] === 'DELETED' }
  const [, version, kept, now, summary, state, seq, records] = reply as unknown as FoundReply
  const corrupt: CorruptRecord[] = []
  const step = request.messages?.from === 'oldest' ? 1 : -1
  const window: SessionWindow<Metadata> = {
    version,
    kept,
    messages: readMessages(codec, records, seq, step, corrupt),
    summary:
      summary === null ? undefined : readOrReport(() => decodeSummary(codec, summary), { kind: 'summary' }, corrupt),
    state: readState(codec, state, Number(now), corrupt),
    corrupt,
  }
  return { window, deleted: false }
}

const readMessages = <Metadata>(
  codec: Codec,
  records: readonly (string | null)[],
  first: number,
  step: 1 | -1,
  corrupt: CorruptRecord[],
): DecodedMessage<Metadata>[] => {
  const messages: DecodedMessage<Metadata>[] = []
  for (const [index, record] of records.entries()) {
    if (record === null) continue
    const seq = first + step * index
    const message = readOrReport(() => decodeMessage<Metadata>(codec, seq, record), { kind: 'message', seq }, corrupt)
    if (message !== undefined) messages.push(message)
  }
  return step === 1 ? messages : messages.toReversed()
}

const readState = (
  codec: Codec,
  pairs: readonly string[],
  now: number,
  corrupt: CorruptRecord[],
): SessionWindow<unknown>['state'] => {
  const fields: SessionWindow<unknown>['state'] = new Map()
  for (let index = 0; index < pairs.length; index += 2) {
    const field = pairs[index]!
    const read = readOrReport(
      () => {
        const { expires, version, value } = parseStateRecord(codec, pairs[index + 1]!)
        return expires !== 0 && expires <= now ? undefined : { version, value: value() }
      },
      { kind: 'state', field },
      corrupt,
    )
    if (read !== undefined) fields.set(field, read)
  }
  return fields
}
