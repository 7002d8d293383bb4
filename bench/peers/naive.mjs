import { Redis } from '../ioredis.mjs'
import { copyKey } from '../run/copy-key.mjs'
import { thinRecord } from './thin-record.mjs'

const TTL = 604_800

/** What is written by hand most often: the conversation as one JSON text. Auto-pipelining makes it slower. */
export const open = async ({ url }) => {
  const client = new Redis(url)
  const read = async (id) => JSON.parse((await client.get(id)) ?? '[]')
  const write = (id, messages) => client.setex(id, TTL, JSON.stringify(messages))
  const append = async (id, added) => {
    const messages = [...(await read(id)), ...added.map((message) => thinRecord(message))]
    await write(id, messages)
    return messages
  }
  return {
    template: (history, messages) =>
      write(
        `template-${history}`,
        messages.map((message) => thinRecord(message)),
      ),
    clone: (history, id) => copyKey(client, `template-${history}`, id),
    drop: (ids) => ids.length > 0 && client.unlink(...ids),
    append: (id, message) => append(id, [message]),
    turn: async (id, messages, last) => (await append(id, messages)).slice(-last),
    last: async (id, last) => (await read(id)).slice(-last),
    close: () => client.disconnect(),
  }
}
