import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'
import { thinRecord } from './thin-record.mjs'

const TTL = 604_800

/** connect-redis: the conversation in the session of express-session. */
export const open = async ({ url }) => {
  const client = createClient({ url })
  await client.connect()
  const store = new RedisStore({ client, ttl: TTL })
  const read = async (id) => (await store.get(id)) ?? { cookie: {}, messages: [] }
  const filled = new Map()
  return {
    template: (history, messages) =>
      filled.set(
        history,
        messages.map((message) => thinRecord(message)),
      ),
    clone: (history, id) => store.set(id, { cookie: {}, messages: filled.get(history) }),
    drop: (ids) => Promise.all(ids.map((id) => store.destroy(id))),
    async append(id, message) {
      const session = await read(id)
      session.messages.push(thinRecord(message))
      await store.set(id, session)
    },
    last: async (id, last) => (await read(id)).messages.slice(-last),
    close: () => client.destroy(),
  }
}
