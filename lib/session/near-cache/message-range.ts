import type { FoundRecords, WindowRequest } from '../window-request.interface.js'
import { walkWindow } from './window-walk.js'

/** Messages of a session without a gap: a seq from `from` to `to` that is not among them has no message. */
export interface MessageRange {
  /** 1 when there is no message before them. */
  readonly from: number
  /** Infinity when there was none behind them. */
  readonly to: number
  /** By rising seq. */
  readonly messages: FoundRecords['messages']
}

/** What an answer proves of the messages of its session; `undefined` for nothing. */
export const shownRange = (
  request: NonNullable<WindowRequest['messages']>,
  { kept, messages }: Pick<FoundRecords, 'kept' | 'messages'>,
): MessageRange | undefined => {
  const newestFirst = request.from === 'newest'
  const rising = newestFirst ? messages.toReversed() : messages
  if (messages.length === kept) return { from: 1, to: Infinity, messages: rising }
  const { after = 0, before = 0, tokens = 0 } = request
  const from = after + 1
  const to = before === 0 ? Infinity : before - 1
  // The message that would have passed the tokens is not in the answer.
  const limited = tokens > 0 || walkWindow(messages, request).limited
  if (!limited) return { from, to, messages: rising }
  const farthest = messages.at(-1)?.[0]
  if (farthest === undefined) return undefined
  return newestFirst ? { from: farthest, to, messages: rising } : { from, to: farthest, messages: rising }
}
