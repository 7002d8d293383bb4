import { hash } from 'node:crypto'
import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import type { CorruptRecord } from '../model/record.interface.js'
import { resealScript } from '../redis/scripts/scripts.generated.js'
import { messageParts } from '../serialization/message-record.js'
import { payloadsOf, reseal, type RecordParts } from '../serialization/record-payload.js'
import { stateParts } from '../serialization/state-record.js'
import { parseCopy, summaryParts } from '../serialization/summary-record.js'
import type { ReencryptResult } from './quarantine/quarantine.interface.js'
import { readRecords } from './read-records.js'
import type { FoundRecords, WindowRequest } from './window-request.interface.js'
import { fieldOf, type RecordReader } from './record-reader.js'
import type { SessionRecords } from './session-records.js'
import type { SessionStore } from './session-store.js'

const PAGE = 200

interface Standing {
  readonly name: Omit<CorruptRecord, 'reason'>
  readonly record: string
  /** @throws DecodeError */
  readonly parts: () => RecordParts
}

function* recordsOf({ messages, state, summary }: FoundRecords): Iterable<Standing> {
  for (const [seq, record] of messages) {
    yield { name: { kind: 'message', seq }, record, parts: () => messageParts(seq, record) }
  }
  for (let index = 0; index < state.length; index += 2) {
    const [field, record] = [state[index]!, state[index + 1]!]
    yield { name: { kind: 'state', field }, record, parts: () => stateParts(field, record) }
  }
  if (summary !== null) yield { name: { kind: 'summary' }, record: summary, parts: () => summaryParts(summary) }
}

/** @throws MemoryError */
export const reencryptSession = async (store: SessionStore, records: SessionRecords): Promise<ReencryptResult> => {
  if (!records.codec.envelope.encrypts) {
    throw new MemoryInvalidError({
      path: 'session.reencrypt',
      given: 'a memory without serialization.encryption',
      allowed: 'one that encrypts',
    })
  }
  const reader = records.reader()
  const sum = { reencrypted: 0, current: 0, remaining: 0 }
  let after = 0
  for (;;) {
    const page = await reencryptPage(store, records, reader, after)
    if (page === undefined) break
    sum.reencrypted += page.reencrypted
    sum.current += page.current
    sum.remaining += page.remaining
    if (page.last === undefined) break
    after = page.last
  }
  if (!(await reencryptCopy(store, records, reader))) sum.remaining++
  return { ...sum, corrupt: reader.corrupt }
}

/** Summary and state come with the first page. `undefined` where there is no session; `last` of one after which there may be more. */
const reencryptPage = async (
  store: SessionStore,
  records: SessionRecords,
  reader: RecordReader,
  after: number,
): Promise<(Omit<ReencryptResult, 'corrupt'> & { readonly last: number | undefined }) | undefined> => {
  const deadline = store.deadline()
  const held = store.reading()
  try {
    const beside = after === 0 ? ({ summary: true, state: 'all' } as const) : {}
    const request: WindowRequest = { ...beside, messages: { from: 'oldest', most: PAGE, after } }
    const found = await readRecords(store, request, 0, deadline, held)
    if ('none' in found) return undefined
    await records.prepare(deadline, payloadsOf(found))
    const args: string[] = []
    let current = 0
    for (const { name, record, parts } of recordsOf(found)) {
      const fresh = reader.read(name, record, () => reseal(records.codec, parts()) ?? record)
      if (fresh === record) current++
      else if (fresh !== undefined) args.push(fieldOf(name), hash('sha1', record), fresh)
    }
    // None when the session is gone by now.
    const replaced = args.length === 0 ? 0 : Number((await store.read(resealScript, 0, args, deadline))[3] ?? 0)
    return {
      reencrypted: replaced,
      current: current + replaced,
      remaining: args.length / 3 - replaced,
      last: found.messages.length < PAGE ? undefined : found.messages.at(-1)![0],
    }
  } finally {
    held.release()
  }
}

/**
 * The copy of the summary holds the same record as the session, or that of an earlier session. Answers `false` when another
 * writer was faster.
 */
const reencryptCopy = async (store: SessionStore, records: SessionRecords, reader: RecordReader): Promise<boolean> => {
  const deadline = store.deadline()
  const standing = (await store.outlivedSummary(deadline)) ?? ''
  const copy = parseCopy(standing)
  if (copy === undefined) return true
  await records.prepare(deadline, payloadsOf({ summary: copy.record }))
  const fresh = reader.read({ kind: 'summary' }, copy.record, () => reseal(records.codec, summaryParts(copy.record)))
  return fresh === undefined || store.replaceCopy(hash('sha1', standing), copy.head + fresh, deadline)
}
