import type { Redis } from 'ioredis'
import type { ClusterNode, RealRedisCluster } from 'nestjs-agent-memory/testing'
import { infoLine } from '../../../lib/redis/server-check.js'
import { parseNodes } from '../../../lib/testing/real-redis-cluster/node-view.js'
import { ErrorStats } from '../error-stats.js'

/** What a server says of itself. */
export interface ServerView {
  readonly role: string
  readonly runId: string
  /** How many scripts it has run. */
  readonly scripts: number
}

/** A client that gives up at once: what it looks at may be stopped or gone. */
export const HASTY = { retryStrategy: () => null, maxRetriesPerRequest: 0, commandTimeout: 500 } as const

export const viewOf = async (client: Redis): Promise<ServerView> => {
  const info = await client.info('everything')
  const calls = [...info.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].map(([, count]) => Number(count))
  return {
    role: infoLine(info, 'role') ?? 'unknown',
    runId: infoLine(info, 'run_id') ?? 'unknown',
    scripts: calls.reduce((sum, count) => sum + count, 0),
  }
}

/** Whether a server answers within half a second. */
export const answers = async (client: Redis): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), 500)
  })
  const answer = client.ping().then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** The configuration epoch of a node, as one sees it that is up: who wins an election gets a greater one. */
export const epochOf = async (cluster: RealRedisCluster, seenBy: ClusterNode, { id }: ClusterNode): Promise<number> => {
  const text = String(await cluster.nodeClient(seenBy).cluster('NODES'))
  return parseNodes(text).find((view) => view.id === id)?.epoch ?? 0
}

/** How often the servers have answered with a redirection or a refusal of a cluster. */
export const redirections = async (clients: readonly Redis[]): Promise<string> => {
  const stats = new ErrorStats()
  for (const client of clients) await stats.collect(client).catch(() => undefined)
  const shown = ['MOVED', 'ASK', 'TRYAGAIN', 'CLUSTERDOWN', 'READONLY'].map((word) => [
    word,
    stats.counts.get(word) ?? 0,
  ])
  return shown
    .filter(([, count]) => count !== 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ')
}
