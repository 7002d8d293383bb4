import { randomUUID } from 'node:crypto'
import type { Observable } from 'rxjs'
import type { MessageInput } from '../../../model/message.interface.js'
import { inBackground } from './background.js'
import type { Turn } from './turn.interface.js'
import { blamingAssistant, marked, turnMessages } from './turn-messages.js'
import { refuseLostLock } from './under-lock.js'
import { watchAnswer } from './watch-answer.js'

/**
 * Keeps the turn of a call that claims nothing.
 *
 * @param operationId of one that may be repeated all the same, because Redis was not there to claim it
 */
export const rememberOnce = (turn: Turn, work: Observable<unknown>, operationId?: string): Observable<unknown> => {
  const { user, options, opened, session } = turn
  const isRepeatable = operationId !== undefined
  const append = async (messages: readonly MessageInput[], id = operationId ?? randomUUID()): Promise<undefined> => {
    refuseLostLock(opened)
    await session.appendTurn(messages, { operationId: id, fence: opened.lock?.fence, isRepeatable })
  }
  return watchAnswer(work, turn.delivery, turn.hold, {
    keep: async (answer) => blamingAssistant(append(turnMessages(user, answer, false, options.assistant))),
    interrupted: async (answer) => {
      if (options.onDisconnect === 'drop') return
      const kept = async (): Promise<undefined> => append(turnMessages(user, answer, true, options.assistant))
      await inBackground('a turn whose client was gone', kept())
    },
    failed: async () => {
      if (options.onError !== 'store') return
      const id = operationId === undefined ? undefined : failedId(operationId)
      await inBackground('what the user said to a handler that failed', append([marked(user, 'failed')], id))
    },
  })
}

/** A handler that fails and is run again, and fails, has failed once; one that answers then has its turn besides. */
export const failedId = (operationId: string): string => `${operationId}-failed`
