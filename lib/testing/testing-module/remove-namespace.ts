import type { Redis } from 'ioredis'
import { withProbeClient } from '../real-redis/probe-client.js'
import { scanKeys } from '../scan-keys.js'

const unlinkMatching = async (client: Redis, pattern: string): Promise<void> => {
  for await (const keys of scanKeys(client, pattern)) await client.unlink(...keys)
}

/** Removes the keys of a namespace, those of its named memories included, and nothing else. */
export const removeNamespace = (url: string, namespace: string): Promise<void> =>
  withProbeClient(url, async (client) => {
    await unlinkMatching(client, `am:{${namespace}:*`)
    await unlinkMatching(client, `am:{${namespace}.*`)
  })
