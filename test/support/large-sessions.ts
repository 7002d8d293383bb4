import type { MessageInput } from 'nestjs-agent-memory'
import type { FaultTrigger } from 'nestjs-agent-memory/testing'
import { readScript } from '../../lib/redis/scripts/scripts.generated.js'
import type { StoringSession } from './storing-memory.js'

/** Where a further slice of a window says the place at which it goes on, behind the name of the command. */
const PLACE_AT = 14

/** The requests for further slices of a window. */
export const furtherSlice: FaultTrigger = {
  command: 'EVALSHA',
  when: (args) => args[0] === readScript.sha1 && args[PLACE_AT] !== '',
}

/** Messages that are told apart, each of them a user's or, every second one, an assistant's. */
export const largeMessages = (count: number, bytes: number, from = 1): MessageInput[] =>
  Array.from({ length: count }, (_, index) => ({
    role: (from + index) % 2 === 1 ? 'user' : 'assistant',
    content: `${from + index} `.padEnd(bytes, 'x'),
  }))

/** Appends them in calls of some megabytes. */
export const fill = async (session: StoringSession, messages: readonly MessageInput[]): Promise<void> => {
  const bytes = Math.max(...messages.map(({ content }) => content.length))
  const atOnce = Math.max(1, Math.floor(4_000_000 / bytes))
  for (let index = 0; index < messages.length; index += atOnce) {
    await session.append(messages.slice(index, index + atOnce))
  }
}
