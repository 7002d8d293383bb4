import { defer, EMPTY, finalize, mergeAll, type Observable } from 'rxjs'
import { MemoryLockLostError } from '../../../errors/memory-lock-lost.error.js'
import { MemoryError } from '../../../errors/memory.error.js'
import type { MessageInput } from '../../../model/message.interface.js'
import { parseWait } from '../../../options/duration.js'
import type { Claimed, HeldClaim, Standing } from '../../../session/claim/claim.interface.js'
import { turnOperationId } from '../../../session/claim/turn-operation.js'
import type { Answer } from './answer.js'
import { inBackground } from './background.js'
import { recordAnswer, replayAnswer, type AnswerRecord, type Replayable } from './answer-record.js'
import { markedId, rememberOnce } from './remember-once.js'
import type { Turn } from './turn.interface.js'
import { blamingAssistant, marked, turnMessages, type Mark } from './turn-messages.js'
import { refuseLostLock } from './under-lock.js'
import { watchAnswer, type TurnEnds } from './watch-answer.js'

const DEFAULT_WAIT = '30s'
const DEFAULT_KEEP = '1d'

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
    const operationId = turnOperationId(turn.session.userId, turn.key)
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

/** What has been sent cannot be taken back: that it is not what stands is told at its end. */
const overtaken = (sessionId: string): MemoryLockLostError =>
  new MemoryLockLostError('the claim on the turn was lost, and another answer stands', { sessionId })

const ownTurn = (
  turn: KeyedTurn,
  claim: HeldClaim<AnswerRecord>,
  operationId: string,
  work: Observable<unknown>,
): Observable<unknown> => {
  const { user, options, session, opened, replayable } = turn
  const writeAhead = async (own: AnswerRecord | undefined): Promise<Standing<AnswerRecord> | undefined> => {
    try {
      return await claim.answer(own)
    } catch (error) {
      // Who repeats the call is to find no answer, but the turn.
      if (isAway(error) && turn.isJournaled()) return undefined
      throw error
    }
  }
  const keep = async (
    [first, ...messages]: readonly MessageInput[],
    answer: Answer,
  ): Promise<Observable<unknown> | undefined> => {
    // Once the answer stands, whoever finds it appends it.
    refuseLostLock(turn)
    const own = recordAnswer(messages, answer, replayable)
    const standing = await writeAhead(own)
    const terms = { operationId, fence: opened.lock?.fence, isRepeatable: true, since: standing?.since }
    await session.appendTurn([first!, ...(standing?.answer.messages ?? messages)], terms)
    if (standing === undefined) await claim.appended()
    return standing === undefined || standing.answer === own ? undefined : replayAnswer(standing.answer, replayable)
  }
  /** Where an answer stands, the claim does not end with it: who repeats the call finishes it. */
  const orRelease = async <T>(keeping: () => Promise<T>): Promise<T> => {
    try {
      return await blamingAssistant(keeping())
    } catch (error) {
      await claim.release()
      throw error
    }
  }
  /** What the user said to a call that gave no answer, which is left to the next one. */
  const keepUnanswered = async (message: MessageInput, mark: Mark): Promise<void> => {
    await claim.release()
    const terms = { operationId: markedId(operationId, mark), fence: opened.lock?.fence, isRepeatable: true }
    await session.appendTurn([message], terms)
  }
  const ends: TurnEnds = {
    keep: async (answer) => {
      const other = await orRelease(async () => keep(turnMessages(user, answer, false, options.assistant), answer))
      if (other !== undefined && !answer.isOne) throw overtaken(session.id)
      return other
    },
    interrupted: async (answer) => {
      if (options.onDisconnect === 'drop') return claim.release()
      const kept = orRelease(async () => {
        const messages = turnMessages(user, answer, true, options.assistant)
        await (messages.length === 1 ? keepUnanswered(messages[0]!, 'interrupted') : keep(messages, answer))
      })
      return inBackground('a turn whose client was gone', kept)
    },
    failed: async () => {
      if (options.onError !== 'store') return claim.release()
      const kept = keepUnanswered(marked(user, 'failed'), 'failed')
      return inBackground('what the user said to a handler that failed', kept)
    },
  }
  return watchAnswer(work, turn.delivery, turn.hold, ends, session.maxMessageBytes)
}
