import type { Redis } from 'ioredis'
import { expectNoImmortalKeys } from '../expect-no-immortal-keys.js'
import { withProbeClient } from '../real-redis/probe-client.js'
import { scanKeys } from '../scan-keys.js'

const unlinkMatching = async (client: Redis, pattern: string): Promise<void> => {
  for await (const keys of scanKeys(client, pattern)) await client.unlink(...keys)
}

/**
 * Removes the keys of a namespace, those of its named memories included, and nothing else.
 *
 * @throws Error when one of them had no TTL: after the tests nobody could find it any more
 */
export const removeNamespace = (url: string, namespace: string): Promise<void> =>
  withProbeClient(url, async (client) => {
    for (const pattern of [`am:{${namespace}:*`, `am:{${namespace}.*`]) {
      try {
        await expectNoImmortalKeys(client, { pattern })
      } finally {
        await unlinkMatching(client, pattern)
      }
    }
  })
