import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import type { Version } from '../model/record.interface.js'
import type { Deadline } from '../redis/deadline.js'
import type { ScriptReply } from '../redis/run-script.js'
import type { HeldBytes } from '../resilience/in-flight.js'
import type { FoundRecords, NoSession, WindowRequest } from './window-request.interface.js'

/** The part of a call's time that is left for a further slice at the least. */
const TIME_FOR_SLICE = 0.1

type Arguments = readonly (string | number)[]

/** How the slices of a window are read. */
export interface SliceTerms {
  /** Runs read.lua with its own arguments. */
  readonly read: (args: Arguments) => Promise<ScriptReply>
  /** Of records, after which a slice ends. */
  readonly bytes: number
  readonly held: Pick<HeldBytes, 'hold' | 'letGo'>
  readonly deadline: Deadline
  readonly sessionId: string
}

type FoundReply = readonly [
  status: string,
  version: Version,
  life: string,
  kept: number,
  now: string,
  summary: string | null,
  state: readonly string[],
  seq: number,
  records: readonly (string | null)[] | undefined,
  bytes: number,
  /** Absent, as the rest, when messages of the window went away. */
  place: string | null | undefined,
]

interface SlicedRecords extends FoundRecords {
  readonly messages: [seq: number, record: string][]
}

const argumentsOf = ({ summary, state, messages }: WindowRequest, bytes: number, place: string): Arguments => [
  summary === true ? 'y' : '',
  state === undefined ? '' : state === 'all' ? 'all' : 'some',
  messages?.from ?? '',
  messages?.most ?? 0,
  messages?.turns ?? 0,
  messages?.tokens ?? 0,
  messages?.after ?? 0,
  messages?.before ?? 0,
  bytes,
  place,
  ...(Array.isArray(state) ? (state as readonly string[]) : []),
]

/**
 * Reads a window in answers of limited size, so that neither the server nor the connection is kept from others for long. What is
 * returned is one state of the session, that of its first slice; when messages of it go away meanwhile, the read begins anew.
 *
 * @throws MemoryTimeoutError, MemoryOverloadedError; what `read` throws
 */
export const readSlices = async (
  request: WindowRequest,
  { read, bytes: most, held, deadline, sessionId }: SliceTerms,
): Promise<FoundRecords | NoSession> => {
  const step = request.messages?.from === 'oldest' ? 1 : -1
  let reply = await read(argumentsOf(request, most, ''))
  let found: SlicedRecords | undefined
  let took = 0
  for (;;) {
    if (reply[0] !== 'FOUND') return { none: true, outlived: reply[1] as string | undefined }
    const [, version, life, kept, now, summary, state, seq, records, bytes, place] = reply as unknown as FoundReply
    if (records !== undefined) {
      if (found === undefined) found = { version, life, kept, now: Number(now), summary, state, messages: [] }
      else held.hold(bytes - most)
      for (let index = 0; index < records.length; index++) {
        const record = records[index]!
        if (record !== null) found.messages.push([seq + step * index, record])
      }
      if (place === null) return found
      leaveTime(deadline, took, sessionId)
      // Before it is there: what is turned away takes no memory.
      held.hold(most)
    } else {
      found = undefined
      held.letGo()
      leaveTime(deadline, took, sessionId)
    }
    const { remaining } = deadline
    reply = await read(argumentsOf(found === undefined ? request : { messages: request.messages }, most, place ?? ''))
    took = remaining - deadline.remaining
  }
}

/**
 * A slice that is late for want of time would be taken for silence of Redis, and many of them open the breaker.
 *
 * @param least what the one before it took, in ms
 */
const leaveTime = (deadline: Deadline, least: number, sessionId: string): void => {
  if (deadline.remaining >= Math.max(least, deadline.ms * TIME_FOR_SLICE)) return
  const message = `what is read of the session takes several answers, and they gave no whole within ${deadline.ms} ms`
  throw new MemoryTimeoutError(message, 'no', { sessionId })
}
