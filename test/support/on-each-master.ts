import { Redis, type Cluster } from 'ioredis'
import type { TestRedis } from 'nestjs-agent-memory/testing'
import { succeeds } from './succeeds.js'

/** Asks each server that takes writes something of itself. */
export const onEachMaster = async <T>(
  redis: Pick<TestRedis, 'masters'>,
  ask: (client: Redis) => Promise<T>,
): Promise<T[]> => {
  const answers: T[] = []
  for (const { url } of await redis.masters()) {
    const client = new Redis(url)
    try {
      answers.push(await ask(client))
    } finally {
      client.disconnect()
    }
  }
  return answers
}

/** The names of all keys of a pattern, wherever they are. */
export const keysOf = async (redis: Pick<TestRedis, 'masters'>, pattern: string): Promise<string[]> =>
  (await onEachMaster(redis, (client) => client.keys(pattern))).flat()

/** Has each server that takes writes go on with another setting. */
export const configure = async (redis: Pick<TestRedis, 'masters'>, name: string, value: string): Promise<void> => {
  await onEachMaster(redis, (client) => client.config('SET', name, value))
}

/** How many of these keys there are: of a cluster, one command takes the keys of one slot. */
export const existing = async (client: Redis | Cluster, keys: readonly string[]): Promise<number> => {
  const found = await Promise.all(keys.map((key) => client.exists(key)))
  return found.reduce((sum, count) => sum + count, 0)
}

/** So many ids of sessions whose keys one master has. */
export const idsOfOneMaster = async (
  redis: Pick<TestRedis, 'masters'>,
  keyOf: (id: string) => string,
  count: number,
): Promise<string[]> => {
  const [master] = await redis.masters()
  const client = new Redis(master?.url ?? '')
  const ids: string[] = []
  try {
    // Another one's key is answered with MOVED.
    for (let id = 0; ids.length < count; id += 1)
      if (await succeeds(client.exists(keyOf(`of-one-${id}`)))) ids.push(`of-one-${id}`)
  } finally {
    client.disconnect()
  }
  return ids
}
