import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { claim, claimed, claimKeyOf } from '../../support/claims.js'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

describeWithRedis('the claim on a turn, from a server that is slow', (redis) => {
  const tested = useFaultyMemory(redis, { resilience: { deadline: '3s' } })

  it('is not granted when each answer comes so late that it may be over, and is taken back', async () => {
    const session = tested.memory.session('slow')
    await (await claimed(session)).release()
    tested.proxy.latency(475)
    const start = performance.now()
    const late = claim(session, { lease: 1_000, wait: 0 })
    await expect(late).rejects.toMatchObject({
      code: 'TIMEOUT',
      executed: 'unknown',
      message: 'Redis answers so late that a claim of 1000 ms may be over by then',
    })
    expect(performance.now() - start).toBeLessThan(3_000)
    await tested.proxy.restore()
    await (await claimed(session, { wait: 3_000 })).release()
  })

  it('is free for the next of the same process, when its caller was gone as it was granted', async () => {
    const session = tested.memory.session('gone')
    await (await claimed(session)).release()
    tested.proxy.latency(100)
    const gone = new Error('the client is gone')
    const controller = new AbortController()
    const granted = claim(session, { signal: controller.signal }).catch((error: unknown) => error)
    await poll(async () => (await tested.redis.exists(claimKeyOf(tested.keyOf('gone')))) === 1)
    controller.abort(gone)
    expect(await granted).toBe(gone)
    await (await claimed(session, { wait: 0 })).release()
    await tested.proxy.restore()
  })
})
