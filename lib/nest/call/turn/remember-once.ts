import { randomUUID } from 'node:crypto'
import type { Observable } from 'rxjs'
import type { MessageInput } from '../../../model/message.interface.js'
import { inBackground } from './background.js'
import type { Turn } from './turn.interface.js'
import { blamingAssistant, marked, turnMessages, type Mark } from './turn-messages.js'
import { refuseLostLock } from './under-lock.js'
import { watchAnswer, type TurnEnds } from './watch-answer.js'

/**
 * Keeps the turn of a call that claims nothing.
 *
 * @param operationId of one that may be repeated all the same, because Redis was not there to claim it
 */
export const rememberOnce = (turn: Turn, work: Observable<unknown>, operationId?: string): Observable<unknown> => {
  const { user, options, opened, session } = turn
  const isRepeatable = operationId !== undefined
  const append = async (messages: readonly MessageInput[], id = operationId ?? randomUUID()): Promise<undefined> => {
    refuseLostLock(turn)
    await session.appendTurn(messages, { operationId: id, fence: opened.lock?.fence, isRepeatable })
  }
  const ends: TurnEnds = {
    keep: async (answer) => blamingAssistant(append(turnMessages(user, answer, false, options.assistant))),
    interrupted: async (answer) => {
      if (options.onDisconnect === 'drop') return
      const kept = async (): Promise<undefined> => {
        const messages = turnMessages(user, answer, true, options.assistant)
        const isUnanswered = operationId !== undefined && messages.length === 1
        await append(messages, isUnanswered ? markedId(operationId, 'interrupted') : undefined)
      }
      await inBackground('a turn whose client was gone', kept())
    },
    failed: async () => {
      if (options.onError !== 'store') return
      const id = operationId === undefined ? undefined : markedId(operationId, 'failed')
      await inBackground('what the user said to a handler that failed', append([marked(user, 'failed')], id))
    },
  }
  return watchAnswer(work, turn.delivery, turn.hold, ends, session.maxMessageBytes)
}

/**
 * Of what the user said to a call that gave no answer, and may be repeated. A handler that fails and is run again, and fails, has
 * failed once; one that answers then has its turn besides.
 */
export const markedId = (operationId: string, mark: Mark): string => `${operationId}-${mark}`
