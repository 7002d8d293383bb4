import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { MemoryError } from '../errors/memory.error.js'
import type { Deadline } from '../redis/deadline.js'
import type { Attempt } from '../resilience/resilience.js'
import type { HealableContent } from './healing/recent-write.interface.js'
import type { Testimony } from './loss/losses.js'
import { attemptsInOrder } from './attempts-in-order.js'
import { confirmed, type Stored } from './confirmed.js'
import type { Operation } from './operation.js'
import type { JournaledWrite } from './outage/journaled-write.interface.js'
import type { WriteContent } from './outage/write-content.js'
import type { SessionRecords } from './session-records.js'
import type { SessionStore } from './session-store.js'
import type { FirstAttempt } from './unanswered-operations.js'
import type { InOrder } from './write-order.js'

/** A call that writes. */
export interface WriteCall {
  readonly operationId: string
  readonly deadline: Deadline
  readonly fence: number | undefined
  readonly testimony: Testimony
  /** When it may have been executed before the call, by performance.now(). */
  readonly since: number | undefined
  /** Whether its id was made here: no other call can have it. */
  readonly isNew: boolean
}

/** Its time begins here; without an operationId of the caller it gets one. @throws MemoryShutdownError */
export const beginWrite = (
  store: SessionStore,
  options: { readonly operationId?: string | undefined; readonly fence?: number | undefined } | undefined,
  since?: number,
): WriteCall => ({
  operationId: options?.operationId ?? randomUUID(),
  deadline: store.deadline(),
  fence: options?.fence,
  testimony: store.shared.losses.testimony(store.target.key),
  since,
  isNew: options?.operationId === undefined,
})

/** What kind of write it is. */
interface WriteKind {
  readonly name: string
  /** Whether its messages say whether it was made, when the session no longer remembers it. */
  readonly leavesMessages?: boolean
  /** Whether it empties the session: then it does not matter what was there. */
  readonly empties?: boolean
  /** Whether it may rest on what Redis answers: then no other goes on before it is done. */
  readonly mayReadFirst?: boolean
  /** What it writes, where it can be made again. */
  readonly content?: HealableContent
}

/** One that may wait in the journal. */
interface LateKind extends WriteKind {
  readonly content: WriteContent
  /** Not one that rests on what nobody can know then. */
  readonly mayWait: boolean
}

type Write<Result> = (named: Operation) => Promise<Result>

/**
 * Runs a write in its turn, with the key to write with at hand, as often as it takes. Nothing is awaited before `write` where
 * nothing has to be, so that calls that are not awaited keep their order.
 *
 * @param canonical what the caller gave: as of `operation`
 * @throws MemoryError
 */
export const writeInOrder = <Result>(
  store: SessionStore,
  records: SessionRecords,
  call: WriteCall,
  kind: WriteKind,
  canonical: string,
  write: Write<Result>,
): Promise<Result> =>
  inItsTurn(store, records, call, kind, canonical, write, async (error) => {
    throw error
  })
    // Made or not: what was seen of the session before is no answer any more.
    .finally(() => store.cache?.forget(store.target.key))

/**
 * The same, for a write that may wait in the journal while Redis is away.
 *
 * @param checked rejects when it must not be kept either
 * @throws MemoryError
 */
export const writeOrKeep = <Result>(
  store: SessionStore,
  records: SessionRecords,
  call: WriteCall,
  kind: LateKind,
  canonical: string,
  write: Write<Result>,
  checked?: Promise<void>,
): Promise<Result | JournaledWrite> => {
  const known = call.testimony.known?.version
  const keep = async (error: unknown, inOrder: InOrder, { lastSeq, since }: Before): Promise<JournaledWrite> => {
    const { content, mayWait } = kind
    if (!mayWait) throw error
    if (checked !== undefined) await checked
    const triedFor = since === undefined ? undefined : Math.ceil(performance.now() - since)
    const kept = { canonical, content, lastSeq, known, triedFor }
    return store.shared.outage.keep(error, store.target, call.operationId, kept, inOrder)
  }
  return inItsTurn<Result | JournaledWrite>(store, records, call, kind, canonical, write, keep)
}

/** What there was when a write that failed began. */
interface Before {
  /** As far as it is known, of the session that must be there: an earlier one of the same id may have come further. */
  readonly lastSeq: number | undefined
  /** Since when the write is unanswered. */
  readonly since: number | undefined
}

const inItsTurn = <Result>(
  store: SessionStore,
  records: SessionRecords,
  call: WriteCall,
  kind: WriteKind,
  canonical: string,
  write: Write<Result>,
  otherwise: (error: unknown, inOrder: InOrder, before: Before) => Promise<Result>,
): Promise<Result> => {
  const { operationId, deadline, fence, testimony, isNew } = call
  const { unanswered, seqs } = store.shared
  const { key } = store.target
  const began = performance.now()
  // Before anything is sent: what the write leaves stands behind it.
  const lastSeq = testimony.known === undefined ? undefined : seqs.known(key)
  const claimed = call.since === undefined ? undefined : { since: call.since, lastSeq: undefined }
  let code: string | undefined
  let stored: Stored | undefined
  const before = (unansweredSince?: number): FirstAttempt | undefined =>
    (code === undefined ? undefined : unanswered.first(key, code)) ??
    claimed ??
    (unansweredSince === undefined ? undefined : { since: unansweredSince, lastSeq })
  const attempt = async ({ unansweredSince }: Attempt): Promise<Result> => {
    const behind = store.catchUp(deadline)
    if (behind !== undefined) await behind
    const ready = records.prepareToWrite(deadline, operationId)
    if (ready !== undefined) await ready
    const named = records.operation(operationId, kind.name, canonical, {
      fence,
      testimony: kind.empties === true ? undefined : testimony,
      healable: kind.content && { content: kind.content, canonical },
      isNew,
      age: () => ageOf(before(unansweredSince), kind),
      stored: (by) => {
        stored = { by }
      },
    })
    code = named.codes[0]
    const result = await write(named)
    unanswered.delete(key, code)
    return result
  }
  const alone = records.oneByOne || kind.mayReadFirst === true
  const settled = attemptsInOrder(store, operationId, deadline, canonical.length, alone, attempt, (error, inOrder) => {
    if (code !== undefined && error instanceof MemoryError && error.executed !== 'no') {
      unanswered.add(key, code, { since: began, lastSeq })
    }
    return otherwise(error, inOrder, before() ?? { lastSeq, since: undefined })
  })
  // Not before: those that come behind it need not wait for its replicas.
  return confirmed(store, operationId, deadline, settled, () => stored)
}

/** As the scripts take it: see includes/write.lua. Only messages say by their place whether they were stored. */
const ageOf = (first: FirstAttempt | undefined, { leavesMessages = false }: WriteKind): string =>
  first === undefined
    ? ''
    : `${Math.ceil(performance.now() - first.since)} ${(leavesMessages ? first.lastSeq : undefined) ?? ''}`
