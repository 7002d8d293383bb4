import { Redis } from 'ioredis'
import type { TestRedis } from 'nestjs-agent-memory/testing'

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
