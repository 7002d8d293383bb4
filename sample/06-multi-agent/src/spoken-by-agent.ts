import type { MessageInput, RememberedAnswer } from 'nestjs-agent-memory'
import type { Reply } from './desk.js'

/** In the shared session, each answer says whose it is. */
export const spokenByAgent = ({ value }: RememberedAnswer): MessageInput => {
  const { agent, text } = value as Reply
  return { role: 'assistant', content: text, metadata: { agent } }
}
