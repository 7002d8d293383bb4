import { RedisProvider } from '@ai-sdk-tools/memory/redis'
import { Redis } from 'ioredis'

const TTL = 604_800

/** @ai-sdk-tools/memory: a list that keeps the newest 100 messages, whatever is asked for. */
export const open = async ({ url }) => {
  // Three commands an append: all that wait in one write make it twice as fast.
  const client = new Redis(url, { enableAutoPipelining: true })
  const memory = new RedisProvider(client, { messageTtl: TTL })
  // What is given as content is what comes back: the message of the AI SDK.
  const append = (chatId, { role, content }) => {
    const message = { role, parts: [{ type: 'text', text: content }] }
    return memory.saveMessage({ chatId, role, content: message, timestamp: new Date() })
  }
  const filled = new Set()
  return {
    async template(history, messages) {
      if (filled.has(history)) return
      filled.add(history)
      for (const message of messages) await append(`template-${history}`, message)
    },
    clone: (history, id) => client.copy(`memory:msg:chat:template-${history}`, `memory:msg:chat:${id}`, 'REPLACE'),
    drop: (ids) => ids.length > 0 && client.unlink(ids.map((id) => `memory:msg:chat:${id}`)),
    append,
    keeps: 100,
    async last(chatId, limit) {
      const messages = await memory.getMessages({ chatId, limit })
      return messages.map(({ role, parts }) => ({ role, content: parts[0].text }))
    },
    close: () => client.disconnect(),
  }
}
