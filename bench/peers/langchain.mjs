import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { RedisChatMessageHistory } from '@langchain/redis'
import { createClient } from 'redis'

const TTL = 604_800
const ROLES = { human: 'user', ai: 'assistant' }
const messageOf = ({ role, content }) => (role === 'user' ? new HumanMessage(content) : new AIMessage(content))

/** LangChain's RedisChatMessageHistory: one client for all sessions. */
export const open = async ({ url }) => {
  const client = createClient({ url })
  await client.connect()
  const history = (sessionId) => new RedisChatMessageHistory({ sessionId, sessionTTL: TTL, client })
  const filled = new Set()
  return {
    async template(length, messages) {
      if (filled.has(length)) return
      filled.add(length)
      for (const message of messages) await history(`template-${length}`).addMessage(messageOf(message))
    },
    clone: (length, id) => client.copy(`template-${length}`, id, { REPLACE: true }),
    drop: (ids) => ids.length > 0 && client.unlink(ids),
    append: (id, message) => history(id).addMessage(messageOf(message)),
    // It has no read of a part.
    last: async (id, last) =>
      (await history(id).getMessages())
        .slice(-last)
        .map((message) => ({ role: ROLES[message.getType()], content: message.content })),
    close: () => client.destroy(),
  }
}
