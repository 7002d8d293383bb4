import { MemoryLostError } from 'nestjs-agent-memory'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { sessionKey, summaryKey } from '../../../lib/redis/keys.js'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { EVICTIONS, writeSessions } from './full-server.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'
import type { Tally } from './tally.js'

const NAMESPACE = 'memory'

/** What only the server knows of a session. */
const standing = async (
  redis: RealRedis,
  ids: readonly string[],
): Promise<{ session: boolean; summary: boolean }[]> => {
  const client = redis.client()
  try {
    return await Promise.all(
      ids.map(async (id) => {
        const key = sessionKey({ namespace: NAMESPACE, tenant: undefined, sessionId: id })
        const [session, summary] = await Promise.all([client.exists(key), client.exists(summaryKey(key))])
        return { session: session === 1, summary: summary === 1 }
      }),
    )
  } finally {
    client.disconnect()
  }
}

/**
 * A process that never saw the sessions: what is gone is new to it, unless the copy of a summary is still there and
 * testifies to it.
 */
export const freshProcess = async ({ sessions: count }: ScenarioOptions): Promise<ScenarioRow> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  const options = { connection: { url: redis.url }, namespace: NAMESPACE }
  const { app, memory: writer } = await openQuietMemory(options)
  const sessions = await writeSessions(writer, count)
  await Promise.all(
    sessions.map(async (session) => {
      const { version } = await session.in(writer).info()
      await session.in(writer).summary.commit({
        text: `${session.id}: Ada wants a quiet room`,
        coversSeq: 2,
        replaces: null,
        basedOn: version,
      })
    }),
  )
  await app.close()
  const full = await redis.fill('allkeys-random', { evictions: EVICTIONS })
  // Nothing more is evicted while we look.
  await full.restore()
  const there = await standing(
    redis,
    sessions.map(({ id }) => id),
  )
  await using fresh = await openQuietMemory(options)
  const tally: Tally & { unknowable: number } = {
    sessions: count,
    complete: 0,
    lost: {},
    silent: 0,
    gone: [],
    problems: [],
    unknowable: 0,
  }
  for (const [index, known] of sessions.entries()) {
    const { session, summary } = there[index]!
    const said = await known
      .in(fresh.memory)
      .context()
      .then(
        ({ messages, summary: text }) => `${messages.length} messages, ${text === undefined ? 'no' : 'a'} summary`,
        (error: unknown) => (error instanceof MemoryLostError ? `lost: ${error.reason}` : String(error)),
      )
    const expected = session ? '3 messages, a summary' : summary ? 'lost: evicted' : '0 messages, no summary'
    if (said !== expected) tally.problems.push(`${known.id}: ${said}, not ${expected}`)
    if (said !== expected && !said.startsWith('lost')) tally.silent++
    if (session) tally.complete++
    else if (summary) tally.lost.evicted = (tally.lost.evicted ?? 0) + 1
    else tally.unknowable++
  }
  if (tally.lost.evicted === undefined) tally.problems.push('no summary has outlived its session')
  const name = `fresh process (${tally.unknowable} left no witness)`
  return { name, evicted: full.evictedKeys, oom: full.oom, ...tally }
}
