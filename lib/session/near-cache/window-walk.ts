import type { FoundRecords, WindowRequest } from '../window-request.interface.js'

type Limits = Pick<NonNullable<WindowRequest['messages']>, 'most' | 'turns' | 'tokens'>
type MessageRecord = FoundRecords['messages'][number]

/** What a window took of the messages it walked over. */
export interface WalkedWindow {
  readonly messages: MessageRecord[]
  /** Whether a limit ended it, and not the end of the messages. */
  readonly limited: boolean
}

const tokensOf = (record: string): number => Number(/^\d[A-Za-z](\d+) /.exec(record)?.[1] ?? 0)

/** Takes messages until a limit is reached, exactly as redis/scripts/read.lua does. */
export const walkWindow = (
  messages: Iterable<MessageRecord>,
  { most = 0, turns = 0, tokens = 0 }: Limits,
): WalkedWindow => {
  const taken: MessageRecord[] = []
  let [takenTurns, takenTokens] = [0, 0]
  for (const message of messages) {
    const [, record] = message
    if (tokens > 0) {
      takenTokens += tokensOf(record)
      if (takenTokens > tokens) return { messages: taken, limited: true }
    }
    taken.push(message)
    if (turns > 0 && record[1] === 'u') takenTurns++
    if (taken.length === most || (turns > 0 && takenTurns >= turns)) return { messages: taken, limited: true }
  }
  return { messages: taken, limited: false }
}
