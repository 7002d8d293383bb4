import { uuid6 } from '@langchain/langgraph-checkpoint'
import { ShallowRedisSaver } from '@langchain/langgraph-checkpoint-redis/shallow'
import { createClient } from 'redis'

const MINUTES = 10_080

/**
 * LangGraph's saver that keeps the newest checkpoint alone, the faster of its two. It needs RedisJSON and RediSearch, which plain Redis
 * has not: JSON.GET and JSON.SET of whole documents are GET and SET here, and the index is left out. Both make it faster than it is.
 */
const withoutModules = (client) =>
  new Proxy(client, {
    get(target, name) {
      if (name === 'ft') return { create: async () => 'OK' }
      if (name === 'json') {
        return {
          get: async (key) => JSON.parse(await target.get(key)),
          set: (key, _path, value) => target.set(key, JSON.stringify(value)),
        }
      }
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

const configOf = (id) => ({ configurable: { thread_id: id, checkpoint_ns: 'graph' } })

/** A step of a graph: the state is loaded, gets longer by a message, and is stored as the next checkpoint. */
export const open = async ({ url }) => {
  const client = createClient({ url })
  await client.connect()
  const saver = new ShallowRedisSaver(withoutModules(client), { defaultTTL: MINUTES })
  const put = (id, messages, step) => {
    const checkpoint = { v: 4, id: uuid6(step), ts: new Date().toISOString() }
    const channels = { channel_values: { messages }, channel_versions: { messages: step }, versions_seen: {} }
    return saver.put(configOf(id), { ...checkpoint, ...channels }, { source: 'loop', step, parents: {} }, {})
  }
  const read = async (id) => (await saver.getTuple(configOf(id))).checkpoint.channel_values.messages
  return {
    note: 'LangGraph: RedisJSON and RediSearch are stood in for by GET and SET',
    fill: (id, messages) => put(id, messages, 0),
    async append(id, message) {
      const messages = await read(id)
      await put(id, [...messages, message], messages.length)
    },
    last: async (id, last) => (await read(id)).slice(-last),
    close: () => client.destroy(),
  }
}
