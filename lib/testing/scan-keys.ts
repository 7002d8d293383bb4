import type { Redis } from 'ioredis'

/** The keys of a pattern, in batches; a key may come twice, as it may with SCAN. */
export async function* scanKeys(client: Redis, pattern: string): AsyncGenerator<string[]> {
  for await (const batch of client.scanStream({ match: pattern, count: 500 })) {
    const keys: string[] = batch
    if (keys.length > 0) yield keys
  }
}
