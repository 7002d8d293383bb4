import { MemoryFullError, MemoryLostError, type MemoryService } from 'nestjs-agent-memory'
import { RealRedis, type EvictionPolicy } from 'nestjs-agent-memory/testing'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { KnownSession } from './known-session.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'
import { tallySessions, type Tally } from './tally.js'

const TURN = 'A quiet room with a desk, please, and late breakfast. '
const TURNS = 5
/** Enough that many sessions are among them. */
export const EVICTIONS = 1_500

export const evictedKeys = async (redis: RealRedis): Promise<number> => {
  const client = redis.client()
  try {
    return Number(/^evicted_keys:(\d+)/m.exec(await client.info('stats'))?.[1])
  } finally {
    client.disconnect()
  }
}

/** Several turns and some state for each session, all acknowledged. */
export const writeSessions = async (memory: MemoryService, count: number, bytes = 300): Promise<KnownSession[]> => {
  const sessions = Array.from({ length: count }, (_, index) => new KnownSession(`session-${index}`))
  const text = TURN.repeat(Math.ceil(bytes / TURN.length))
  await Promise.all(
    sessions.map(async (session) => {
      for (let turn = 0; turn < TURNS; turn++) await session.append(memory, `${session.id} ${turn} ${text}`)
      await session.set(memory, 'name', `Ada of ${session.id}`)
      await session.set(memory, 'nights', 3n)
    }),
  )
  return sessions
}

/** Who was told of a loss goes on from nothing. */
const beginAnew = async (memory: MemoryService, { gone, problems }: Tally): Promise<void> => {
  for (const { id } of gone) {
    await memory.session(id).append({ role: 'user', content: 'anew' })
    const { messages } = await memory.session(id).messages()
    if (messages.length !== 1) problems.push(`${id}: ${messages.length} messages after it began anew`)
  }
}

/** Sessions are written, then others fill the server until it evicts so many keys, or refuses. */
export const filledByOthers = async (
  policy: EvictionPolicy,
  { sessions: count }: ScenarioOptions,
): Promise<ScenarioRow> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  await using opened = await openQuietMemory({ connection: { url: redis.url } })
  const { memory } = opened
  const sessions = await writeSessions(memory, count)
  const full = await redis.fill(policy, { evictions: EVICTIONS })
  const tally = await tallySessions(memory, sessions)
  const reported = memory.status().lostSessions
  const lost = Object.values(tally.lost).reduce((sum, number) => sum + number, 0)
  if (reported !== lost) tally.problems.push(`status() counts ${reported} lost sessions, and ${lost} were told of`)
  await full.restore()
  await beginAnew(memory, tally)
  return { name: policy, evicted: full.evictedKeys, oom: full.oom, ...tally }
}

/** The sessions fill the server themselves: it evicts, or refuses, while they are written. */
export const filledBySessions = async (
  policy: EvictionPolicy,
  { sessions: count }: ScenarioOptions,
): Promise<ScenarioRow> => {
  const args = ['--maxmemory', '8mb', '--maxmemory-policy', policy]
  await using redis = await RealRedis.start({ backend: 'binary', args })
  await using opened = await openQuietMemory({ connection: { url: redis.url } })
  const { memory } = opened
  // Together they need twice what there is.
  const text = TURN.repeat(Math.ceil((16 * 1024 * 1024) / count / TURNS / TURN.length))
  const sessions = Array.from({ length: count }, (_, index) => new KnownSession(`session-${index}`))
  const gone = new Set<KnownSession>()
  let refused = 0
  const problems: string[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    for (const session of sessions) {
      if (gone.has(session)) continue
      try {
        await session.append(memory, `${session.id} ${turn} ${text}`)
      } catch (error) {
        if (error instanceof MemoryLostError && error.reason === 'evicted' && turn > 0) gone.add(session)
        else if (error instanceof MemoryFullError && error.code === 'SERVER_FULL' && error.executed === 'no') refused++
        else problems.push(`${session.id}: an append failed with ${String(error)}`)
      }
    }
  }
  const written = sessions.filter((session) => session.messages.length > 0)
  const tally = await tallySessions(memory, written)
  const evicted = await evictedKeys(redis)
  return {
    name: `${policy}, by itself`,
    evicted,
    oom: refused > 0,
    ...tally,
    problems: [...problems, ...tally.problems],
  }
}
