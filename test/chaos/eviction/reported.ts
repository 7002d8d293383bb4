import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { SessionLostEvent } from 'nestjs-agent-memory'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { EVICTIONS, writeSessions } from './full-server.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'
import type { Tally } from './tally.js'

const CHANNEL = 'nestjs-agent-memory:lost'

/** With `onLoss: 'report'` reads go on, and every loss is one event and is counted. */
export const reported = async ({ sessions: count }: ScenarioOptions): Promise<ScenarioRow> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  const options = { connection: { url: redis.url }, resilience: { onLoss: 'report' } } as const
  await using opened = await openQuietMemory(options)
  const { memory } = opened
  const sessions = await writeSessions(memory, count)
  const full = await redis.fill('allkeys-lru', { evictions: EVICTIONS })
  // Nothing more is evicted while we look.
  await full.restore()
  const events: SessionLostEvent[] = []
  const listen = (event: unknown): void => void events.push(event as SessionLostEvent)
  subscribe(CHANNEL, listen)
  const tally: Tally = { sessions: count, complete: 0, lost: {}, silent: 0, gone: [], problems: [] }
  try {
    for (const known of sessions) {
      const { messages } = await known.in(memory).messages()
      await known.in(memory).context()
      const told = events.filter(({ sessionId }) => sessionId === known.id)
      if (messages.length === known.messages.length && told.length === 0) tally.complete++
      else if (messages.length > 0 || told.length === 0) tally.silent++
      else if (told.length > 1) tally.problems.push(`${known.id}: told of ${told.length} times`)
      for (const { reason } of told) tally.lost[reason] = (tally.lost[reason] ?? 0) + 1
    }
  } finally {
    unsubscribe(CHANNEL, listen)
  }
  if (tally.silent > 0) tally.problems.push(`${tally.silent} sessions are not complete, and nobody was told`)
  const { lostSessions } = memory.status()
  if (lostSessions !== events.length) tally.problems.push(`status() counts ${lostSessions}, events ${events.length}`)
  return { name: "onLoss: 'report'", evicted: full.evictedKeys, oom: full.oom, ...tally }
}
