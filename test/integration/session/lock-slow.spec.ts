import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

describeWithRedis('the lock of a session, from a server that is slow', (redis) => {
  const tested = useFaultyMemory(redis, { resilience: { deadline: '2s' } })

  it('is not asked for on and on when each answer comes so late that it may be over', async () => {
    tested.proxy.latency(475)
    const start = performance.now()
    let begun = false
    const work = (): void => {
      begun = true
    }
    const locked = tested.memory.session('slow').withLock(work, { ttl: '1s', wait: '0ms' })
    await expect(locked).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'unknown', sessionId: 'slow' })
    expect(performance.now() - start).toBeLessThan(3_000)
    expect(begun).toBe(false)
  })
})
