import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import { thinRecord } from './thin-record.mjs'

const TTL = 604_800_000

/** cache-manager on @keyv/redis. Redis alone: a level in memory would not be the truth of other processes. */
export const open = async ({ url }) => {
  const store = new Keyv({ store: new KeyvRedis(url), useKeyPrefix: false })
  const cache = createCache({ stores: [store], ttl: TTL })
  const read = async (id) => (await cache.get(id)) ?? []
  const filled = new Map()
  return {
    template: (history, messages) =>
      filled.set(
        history,
        messages.map((message) => thinRecord(message)),
      ),
    clone: (history, id) => cache.set(id, filled.get(history)),
    drop: (ids) => cache.mdel(ids),
    append: async (id, message) => cache.set(id, [...(await read(id)), thinRecord(message)]),
    last: async (id, last) => (await read(id)).slice(-last),
    close: () => cache.disconnect(),
  }
}
