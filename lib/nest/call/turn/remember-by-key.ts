import { hash } from 'node:crypto'
import { defer, EMPTY, finalize, mergeAll, type Observable } from 'rxjs'
import { MemoryError } from '../../../errors/memory.error.js'
import { parseWait } from '../../../options/duration.js'
import type { Claimed, HeldClaim } from '../../../session/claim/claim.interface.js'
import type { Answer } from './answer.js'
import { inBackground } from './background.js'
import { recordAnswer, replayAnswer, type AnswerRecord, type Replayable } from './answer-record.js'
import { failedId, rememberOnce } from './remember-once.js'
import type { Turn } from './turn.interface.js'
import { blamingAssistant, marked, turnMessages } from './turn-messages.js'
import { refuseLostLock } from './under-lock.js'
import { watchAnswer } from './watch-answer.js'

const DEFAULT_WAIT = '30s'
const DEFAULT_KEEP = '1d'

/** Of one user: the same key of another names another turn. */
const operationIdOf = ({ opened }: Turn, key: string): string =>
  `turn-${hash('sha256', `${opened.session.userId ?? ''}\n${key}`)}`

/** Runs the handler, under the lock if there is to be one, with somebody who watches its answer. */
type Run = (watch: (work: Observable<unknown>) => Observable<unknown>) => Observable<unknown>

/** A turn that has a key. */
export interface KeyedTurn extends Turn {
  readonly key: string
  readonly replayable: Replayable
  /** Whether writes wait in the journal while Redis is away. */
  readonly isJournaled: () => boolean
}

/**
 * Keeps the turn of a call that may be repeated. The first one claims it and runs; its answer is written ahead of the turn, so
 * that whoever finds it can finish what a crash left undone, and answers the same without running the handler.
 */
export const rememberByKey = (turn: KeyedTurn, run: Run): Observable<unknown> => {
  const leaving = new AbortController()
  return defer(async () => {
    const operationId = operationIdOf(turn, turn.key)
    const claimed = await claimUnlessAway(turn, leaving.signal)
    if (claimed === undefined) return run((work) => rememberOnce(turn, work, operationId))
    if (claimed.state === 'claimed') {
      if (!leaving.signal.aborted) return runClaimed(turn, claimed.claim, operationId, run)
      await claimed.claim.release()
      return EMPTY
    }
    await appendAnswered(turn, operationId, claimed.answer, claimed.since)
    return replayAnswer(claimed.answer, turn.replayable)
  }).pipe(
    mergeAll(),
    finalize(() => leaving.abort()),
  )
}

/** Redis did not answer; a process that is closing is none of this. */
const isAway = (error: unknown): boolean =>
  error instanceof MemoryError && (error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT')

/** `undefined` when Redis is away, and the turn is to be kept in the journal. */
const claimUnlessAway = async (turn: KeyedTurn, signal: AbortSignal): Promise<Claimed<AnswerRecord> | undefined> => {
  const { options, session, user, key } = turn
  const wait = parseWait(options.wait ?? DEFAULT_WAIT)!
  const keepFor = parseWait(options.keepFor ?? DEFAULT_KEEP)!
  try {
    return await session.claimTurn<AnswerRecord>(user, { key, wait, keepFor, signal })
  } catch (error) {
    if (isAway(error) && turn.isJournaled()) return undefined
    throw error
  }
}

const runClaimed = (
  turn: KeyedTurn,
  claim: HeldClaim<AnswerRecord>,
  operationId: string,
  run: Run,
): Observable<unknown> => {
  let isWatched = false
  const watched = run((work) => {
    isWatched = true
    return ownTurn(turn, claim, operationId, work)
  })
  // A handler that was never run, as when the lock could not be had, leaves the turn to the next one.
  return watched.pipe(
    finalize(() => {
      if (!isWatched) turn.hold.until(claim.release())
    }),
  )
}

/** @throws MemoryConflictError when so much was written since that nobody can tell whether the turn stands */
const appendAnswered = async (
  { user, session }: Turn,
  operationId: string,
  { messages }: AnswerRecord,
  since: number,
): Promise<void> => {
  await session.appendTurn([user, ...messages], { operationId, fence: undefined, isRepeatable: true, since })
}

const ownTurn = (
  turn: KeyedTurn,
  claim: HeldClaim<AnswerRecord>,
  operationId: string,
  work: Observable<unknown>,
): Observable<unknown> => {
  const { user, options, session, opened, replayable } = turn
  const writeAhead = async (own: AnswerRecord): Promise<AnswerRecord> => {
    try {
      return await claim.answer(own)
    } catch (error) {
      // Who repeats the call finds no answer when the claim has ended, and runs the handler again: the turn stands by then.
      if (isAway(error) && opened.lock === undefined && turn.isJournaled()) return own
      throw error
    }
  }
  const keep = async (answer: Answer, interrupted: boolean): Promise<Observable<unknown> | undefined> => {
    const [first, ...messages] = turnMessages(user, answer, interrupted, options.assistant)
    // Once the answer stands, whoever finds it appends it.
    refuseLostLock(opened)
    const own = recordAnswer(messages, answer, replayable)
    const standing = await writeAhead(own)
    const fence = opened.lock?.fence
    await session.appendTurn([first!, ...standing.messages], { operationId, fence, isRepeatable: true })
    return standing === own ? undefined : replayAnswer(standing, replayable)
  }
  const keepOrRelease = async (answer: Answer, interrupted: boolean): Promise<Observable<unknown> | undefined> => {
    try {
      return await blamingAssistant(keep(answer, interrupted))
    } catch (error) {
      // Where the answer stands, the claim does not end with it: who repeats the call finishes it.
      await claim.release()
      throw error
    }
  }
  return watchAnswer(work, turn.delivery, turn.hold, {
    keep: (answer) => keepOrRelease(answer, false),
    interrupted: (answer) =>
      options.onDisconnect === 'drop'
        ? claim.release()
        : inBackground('a turn whose client was gone', keepOrRelease(answer, true)),
    failed: async () => {
      await claim.release()
      if (options.onError !== 'store') return
      const terms = { operationId: failedId(operationId), fence: opened.lock?.fence, isRepeatable: true }
      await inBackground(
        'what the user said to a handler that failed',
        session.appendTurn([marked(user, 'failed')], terms),
      )
    },
  })
}
