import type { Version } from '../model/record.interface.js'
import type { Deadline } from '../redis/deadline.js'
import { readScript } from '../redis/scripts/scripts.generated.js'
import type { SessionStore } from './session-store.js'
import type { FoundRecords, WindowRequest } from './window-request.interface.js'

/** There is no session. */
export interface NoSession {
  readonly none: true
  /** The copy of a summary that outlived it. */
  readonly outlived: string | undefined
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
  life: string,
  kept: number,
  now: string,
  summary: string | null,
  state: readonly string[],
  seq: number,
  records: readonly (string | null)[],
]

/**
 * Where an answer may come from. `any`: while Redis is away, also from what this process saw last, if the options say so.
 * `fresh`: from Redis, with what this process wrote. `redis`: as it stands, for a write whose turn it is.
 */
export type ReadFrom = 'any' | 'fresh' | 'redis'

/** @throws MemoryError */
export const readRecords = async (
  store: SessionStore,
  request: WindowRequest,
  ttl: number,
  deadline: Deadline,
  from: ReadFrom = 'fresh',
): Promise<FoundRecords | NoSession> => {
  const { target } = store
  const { outage } = store.shared
  try {
    if (from !== 'redis' && outage.hasWaiting(target.key)) await outage.makeWaiting(target.key, deadline)
    const found = await readFromRedis(store, request, ttl, deadline)
    if ('none' in found) store.taughtCache?.forget(target.key)
    else store.taughtCache?.sawRead(target.key, target.userId, request, found)
    return found
  } catch (error) {
    if (from !== 'any') throw error
    return outage.answer(error, target, request)
  }
}

const readFromRedis = async (
  store: SessionStore,
  request: WindowRequest,
  ttl: number,
  deadline: Deadline,
): Promise<FoundRecords | NoSession> => {
  const reply = await store.read(readScript, ttl, argumentsOf(request), deadline)
  if (reply[0] !== 'FOUND') return { none: true, outlived: reply[1] as string | undefined }
  const [, version, life, kept, now, summary, state, first, records] = reply as unknown as FoundReply
  const step = request.messages?.from === 'oldest' ? 1 : -1
  const messages: [seq: number, record: string][] = []
  for (const [index, record] of records.entries()) if (record !== null) messages.push([first + step * index, record])
  return { version, life, kept, now: Number(now), summary, state, messages }
}
