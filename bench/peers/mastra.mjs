import { randomUUID } from 'node:crypto'
import { RedisStore } from '@mastra/redis'

/** Mastra's Redis store. */
export const open = async ({ url }) => {
  const storage = new RedisStore({ id: 'bench', connectionString: url })
  await storage.init()
  const memory = await storage.getStore('memory')
  // Messages are ordered by their time, in ms: no two have the same.
  let time = Date.now()
  const save = (threadId, messages) => {
    const format = 2
    return memory.saveMessages({
      messages: messages.map(({ role, content }) => ({
        id: randomUUID(),
        threadId,
        resourceId: 'bench',
        role,
        createdAt: new Date((time += 1)),
        content: { format, parts: [{ type: 'text', text: content }] },
      })),
    })
  }
  return {
    async fill(id, messages) {
      const now = new Date()
      await memory.saveThread({
        thread: { id, resourceId: 'bench', title: id, createdAt: now, updatedAt: now, metadata: {} },
      })
      await save(id, messages)
    },
    append: (id, message) => save(id, [message]),
    async last(threadId, last) {
      const orderBy = { field: 'createdAt', direction: 'DESC' }
      const { messages } = await memory.listMessages({ threadId, perPage: last, page: 0, orderBy })
      const ordered = messages.toSorted((one, other) => one.createdAt - other.createdAt)
      return ordered.map(({ role, content }) => ({ role, content: content.parts[0].text }))
    },
    close: () => storage.close(),
  }
}
