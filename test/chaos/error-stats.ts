import type { Redis } from 'ioredis'

/** How often the server answered with which error, over several runs of it. */
export class ErrorStats {
  readonly counts = new Map<string, number>()

  /** Adds what the server has counted since it started. Once per run of the server. */
  async collect(server: Redis): Promise<void> {
    for (const [, word, count] of (await server.info('errorstats')).matchAll(/^errorstat_(\w+):count=(\d+)/gm))
      this.counts.set(word!, (this.counts.get(word!) ?? 0) + Number(count))
  }
}
