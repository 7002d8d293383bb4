import { createIoRedisState } from '@chat-adapter/state-ioredis'
import { Redis } from 'ioredis'
import { thinRecord } from './thin-record.mjs'

const TTL = 604_800_000

/** The Chat SDK's state adapter: a list in Redis. */
export const open = async ({ url }) => {
  const client = new Redis(url)
  const state = createIoRedisState({ client })
  await state.connect()
  const append = (id, message) => state.appendToList(id, thinRecord(message), { ttlMs: TTL })
  const filled = new Set()
  return {
    async template(history, messages) {
      if (filled.has(history)) return
      filled.add(history)
      for (const message of messages) await append(`template-${history}`, message)
    },
    clone: (history, id) => client.copy(`chat-sdk:list:template-${history}`, `chat-sdk:list:${id}`, 'REPLACE'),
    drop: (ids) => ids.length > 0 && client.unlink(ids.map((id) => `chat-sdk:list:${id}`)),
    append,
    // It has no read of a part.
    last: async (id, last) => (await state.getList(id)).slice(-last),
    close: () => client.disconnect(),
  }
}
