import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'
const hello = { role: 'user', content: 'hello' } as const
describeWithRedis('the ends of a session and of its lock', (redis) => {
  const tested = useMemory(redis, { session: { ttl: '5s' }, resilience: { onLoss: 'report' } })
  it('a write keeps the key for as long as the lock', async () => {
    const session = tested.newSession()
    await session.withLock(async ({ fence }) => {
      await session.append(hello, { fence })
      expect(await tested.redis.pttl(tested.keyOf(session))).toBeGreaterThan(29_000)
    })
  })
  it('a fenced write begins the next session when the former ends under the lock, which stays', async () => {
    const session = tested.newSession()
    const key = tested.keyOf(session)
    await session.append(hello)
    await session.withLock(async ({ fence }) => {
      await tested.redis.hset(key, 'x', String(Date.now() - 5))
      await session.append(hello, { fence })
      expect(await tested.redis.hexists(key, 'L')).toBe(1)
    })
  })
})
