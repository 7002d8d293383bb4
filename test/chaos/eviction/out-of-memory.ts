import { MemoryError, MemoryFullError } from 'nestjs-agent-memory'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { openQuietMemory } from '../../support/quiet-memory.js'
import { writeSessions } from './full-server.js'
import type { KnownSession } from './known-session.js'
import type { ScenarioOptions, ScenarioRow } from './scenario.interface.js'
import { tallySessions } from './tally.js'

const nameOf = (error: unknown): string =>
  error instanceof MemoryError ? `${error.code}/${error.executed}` : String(error)

/** Under noeviction: writes that need room are refused, reads go on, deletion works, and when there is room, all is well again. */
export const outOfMemory = async ({ sessions: count }: ScenarioOptions): Promise<ScenarioRow> => {
  await using redis = await RealRedis.start({ backend: 'binary' })
  await using opened = await openQuietMemory({ connection: { url: redis.url } })
  const { memory } = opened
  const problems: string[] = []
  const sessions = await writeSessions(memory, count)
  const full = await redis.fill('noeviction')
  const expectFull = async (session: KnownSession, what: string, write: Promise<unknown>): Promise<void> => {
    const error: unknown = await write.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const isFull = error instanceof MemoryFullError && error.code === 'SERVER_FULL' && error.executed === 'no'
    if (!isFull) problems.push(`${session.id}: ${what} of a full server: ${nameOf(error)}`)
  }
  for (const session of sessions) {
    const operationId = `full-${session.id}`
    const handle = session.in(memory)
    await expectFull(session, 'append', handle.append({ role: 'user', content: 'no room' }, { operationId }))
    await expectFull(session, 'state.set', handle.state.set({ name: 'no room' }))
  }
  const whileFull = await tallySessions(memory, sessions)

  const [cleared, deleted, ...others] = sessions
  const attempt = (what: string, call: Promise<unknown>): Promise<unknown> =>
    call.catch((error: unknown) => problems.push(`${what} of a full server: ${nameOf(error)}`))
  await attempt('clear', cleared!.in(memory).clear())
  await attempt('delete', deleted!.in(memory).delete())
  if ((await deleted!.in(memory).info()).exists) problems.push('what was deleted is there')
  if ((await cleared!.in(memory).messages()).messages.length > 0) problems.push('what was cleared is there')

  await full.restore()
  for (const session of others) await session.append(memory, 'there is room', `full-${session.id}-again`)
  const afterwards = await tallySessions(memory, others)
  return {
    name: 'noeviction, and after it',
    evicted: full.evictedKeys,
    oom: full.oom,
    ...whileFull,
    silent: whileFull.silent + afterwards.silent,
    problems: [...problems, ...whileFull.problems, ...afterwards.problems],
  }
}
