import { MemoryLostError } from '../../errors/memory-lost.error.js'
import type { JournalEntry } from '../../resilience/journal/journal-entry.interface.js'
import { appendMessages } from '../append/append-messages.js'
import type { Testimony } from '../loss/losses.js'
import type { Operation } from '../operation.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import type { RedisSessionState } from '../state/redis-session-state.js'
import type { LateTerms, Replayed } from './replayer.js'
import type { WaitingWrite } from './write-content.js'

/**
 * Makes a write that waited in the journal, as it was meant when it was called: messages have the time of the call, and newer
 * state is left alone.
 *
 * @throws MemoryError
 */
export const makeWaiting = async (
  store: SessionStore,
  records: SessionRecords,
  state: RedisSessionState<unknown>,
  { operationId, at }: JournalEntry,
  { content, canonical, lastSeq, unanswered, triedFor = 0, known }: WaitingWrite,
  { maybeMade, after }: LateTerms,
): Promise<Replayed> => {
  const deadline = store.deadline()
  const { losses, seqs, resilience } = store.shared
  const { id: sessionId, key } = store.target
  const age = Math.max(0, Date.now() - at)
  /** The clock may have been read otherwise for the one before it: they were called one after the other all the same. */
  const calledAt = Math.max(after, Math.round((resilience.connection.topology.timeOf(key) ?? Date.now()) - age))
  const make = async (named: Operation): Promise<Replayed> => {
    if (content.kind === 'append') return append(named)
    return { ...(await state.makeLate(named, content, { calledAt, age, known, deadline })), calledAt }
  }
  const append = async (named: Operation): Promise<Replayed> => {
    const messages = (content.kind === 'append' ? content.messages : []).map((message) =>
      message.head.includes(' ') ? message : { ...message, head: `${message.head} ${calledAt}` },
    )
    const expected = (seqs.known(key) ?? lastSeq ?? -1) + 1
    const reply = await appendMessages(store, records, messages, named, undefined, deadline)
    const first = Number(reply[3])
    const behind = reply[0] === 'STORED' && expected > 0 ? Math.max(0, first - expected) : 0
    return { seqs: messages.map((_, index) => first + index), behind, outdated: [], calledAt }
  }
  const attempts = (testimony: Testimony | undefined): Promise<Replayed> =>
    resilience.call({ kind: 'write', sessionId, operationId }, deadline, canonical.length, async (earlier) => {
      const ready = records.prepareToWrite(deadline, operationId)
      if (ready !== undefined) await ready
      const isLate = unanswered || maybeMade || earlier.unansweredSince !== undefined
      const made = content.kind === 'append' ? (lastSeq ?? '') : ''
      const terms = { fence: undefined, testimony, age: () => (isLate ? `${age + triedFor} ${made}` : '') }
      return make(records.operation(operationId, content.kind, canonical, terms))
    })
  try {
    return await attempts(losses.testimony(key))
  } catch (error) {
    // The loss is reported; what was promised is kept all the same.
    if (!(error instanceof MemoryLostError)) throw error
    return attempts(undefined)
  }
}
