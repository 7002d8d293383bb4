import type { Redis } from 'ioredis'
import { expectNoImmortalKeys } from '../expect-no-immortal-keys.js'
import { withProbeClient } from '../real-redis/probe-client.js'
import { scanKeys } from '../scan-keys.js'
import type { ReachableRedis } from '../topology/reachable-redis.interface.js'

const unlinkMatching = async (client: Redis, pattern: string): Promise<void> => {
  for await (const keys of scanKeys(client, pattern)) {
    const pipeline = client.pipeline()
    // One by one: of a cluster, one command takes the keys of one slot.
    for (const key of keys) pipeline.unlink(key)
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
  }
}

/**
 * Removes the keys of a namespace, those of its named memories included, and nothing else.
 *
 * @throws Error when one of them had no TTL: after the tests nobody could find it any more
 */
export const removeNamespace = async (redis: Pick<ReachableRedis, 'masters'>, namespace: string): Promise<void> => {
  for (const { url } of await redis.masters())
    await withProbeClient(url, async (client) => {
      for (const pattern of [`am:{${namespace}:*`, `am:{${namespace}.*`]) {
        try {
          await expectNoImmortalKeys(client, { pattern })
        } finally {
          await unlinkMatching(client, pattern)
        }
      }
    })
}
