import { expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

const stale = { code: 'FENCE_STALE', executed: 'no', retryable: false }
const takeLock = (session: AgentSession): Promise<number> => session.withLock(({ fence }) => fence)

/** Every write that takes a fence. */
const writes: readonly [string, (session: AgentSession, fence: number) => Promise<unknown>][] = [
  ['append', (session, fence) => session.append(hello, { fence })],
  ['state.set', (session, fence) => session.state.set({ a: 1 }, { fence })],
  ['state.patch', (session, fence) => session.state.patch({ a: { b: 1 } }, { fence })],
  ['state.delete', (session, fence) => session.state.delete(['a'], { fence })],
]

describeWithRedis('writes with a fence', (redis) => {
  const tested = useMemory(redis, { resilience: { onLoss: 'report' } })

  it.each(writes)('%s is made by the holder, and by who held it last', async (_, write) => {
    const session = tested.newSession()
    const fence = await session.withLock(async (lock) => {
      await write(session, lock.fence)
      return lock.fence
    })
    await expect(write(session, fence)).resolves.toBeDefined()
  })

  it.each(writes)('%s is refused when another has held the lock since', async (_, write) => {
    const session = tested.newSession()
    const first = await takeLock(session)
    await session.state.set({ a: 0 })
    const second = await takeLock(session)
    const { version } = await session.info()
    await expect(write(session, first)).rejects.toMatchObject({ ...stale, sessionId: session.id })
    expect((await session.info()).version).toBe(version)
    await write(session, second)
  })

  it.each(writes)('%s is refused when the session was lost, also once it was made again', async (_, write) => {
    const session = tested.newSession()
    const first = await takeLock(session)
    await session.state.set({ a: 0 })
    await tested.redis.unlink(tested.keyOf(session))
    await expect(write(session, first)).rejects.toMatchObject(stale)
    expect(await tested.redis.exists(tested.keyOf(session))).toBe(0)
    await session.state.set({ a: 0 })
    await expect(write(session, first)).rejects.toMatchObject(stale)
    const second = await takeLock(session)
    await expect(write(session, first)).rejects.toMatchObject(stale)
    await write(session, second)
  })
})
