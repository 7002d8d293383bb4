import { MemoryLostError, type MemoryService } from 'nestjs-agent-memory'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { evictedKeys, writeSessions } from './full-server.js'
import type { KnownSession } from './known-session.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'
import { tallySessions } from './tally.js'

/** Resolves when it answers again. */
const answersAgain = async (memory: MemoryService): Promise<void> => {
  for (let attempts = 10; ; attempts--) {
    try {
      await memory.session('nobody').info()
      return
    } catch (error) {
      if (attempts === 0) throw error
    }
  }
}

/** The server comes back with nothing, and nothing is healed. */
export const restartedEmpty = async ({ sessions: count }: ScenarioOptions): Promise<ScenarioRow> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  await using opened = await openQuietMemory({ connection: { url: redis.url }, resilience: { healing: false } })
  const sessions = await writeSessions(opened.memory, count)
  await redis.restart({ keepData: false })
  await answersAgain(opened.memory)
  const tally = await tallySessions(opened.memory, sessions)
  if (tally.lost.restarted !== count) tally.problems.push('not every session is lost by a restart')
  return { name: 'restarted empty', evicted: await evictedKeys(redis), oom: false, ...tally }
}

/** What the first read of a session that is older now says. */
const firstRead = async (memory: MemoryService, session: KnownSession): Promise<string> => {
  try {
    return `${(await session.in(memory).messages()).messages.length} messages`
  } catch (error) {
    return error instanceof MemoryLostError ? error.reason : String(error)
  }
}

/**
 * The server comes back with what it had a while ago, and nothing is healed. A third of the sessions went on meanwhile: that is said once, and then
 * what is left can be read. A third is as it was, and a third is gone.
 */
export const rolledBack = async ({ sessions: count }: ScenarioOptions): Promise<ScenarioRow> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  await using opened = await openQuietMemory({ connection: { url: redis.url }, resilience: { healing: false } })
  const { memory } = opened
  const all = await writeSessions(memory, count)
  const third = Math.floor(count / 3)
  const [older, same, newer] = [all.slice(0, third), all.slice(third, 2 * third), all.slice(2 * third)]
  await Promise.all(newer.map((session) => session.in(memory).delete()))
  await redis.save()
  await Promise.all(older.map((session) => session.in(memory).append({ role: 'user', content: 'after the snapshot' })))
  const created = newer.map((session) => `${session.id}-new`)
  await Promise.all(created.map((id) => memory.session(id).append({ role: 'user', content: 'after the snapshot' })))
  await redis.kill()
  await redis.restart({ keepData: true })
  await answersAgain(memory)

  const problems: string[] = []
  const lost: ScenarioRow['lost'] = {}
  for (const session of older) {
    const said = await firstRead(memory, session)
    if (said === 'rolled-back') lost['rolled-back'] = (lost['rolled-back'] ?? 0) + 1
    else problems.push(`${session.id}, which is older than it was: ${said}`)
  }
  for (const id of created) {
    const error: unknown = await memory
      .session(id)
      .messages()
      .catch((reason: unknown) => reason)
    if (error instanceof MemoryLostError && error.reason === 'restarted') lost.restarted = (lost.restarted ?? 0) + 1
    else problems.push(`${id}, which is gone: ${String(error)}`)
  }
  const left = await tallySessions(memory, [...older, ...same])
  problems.push(...left.problems)
  for (const reason of Object.keys(left.lost)) problems.push(`what is left is lost once more: ${reason}`)
  const counted = memory.status().lostSessions
  if (counted !== older.length + created.length) problems.push(`status() counts ${counted} lost sessions`)
  return { ...left, name: 'rolled back', evicted: 0, oom: false, sessions: count, lost, problems }
}
