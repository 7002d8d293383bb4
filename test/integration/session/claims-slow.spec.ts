import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { claim, claimed } from '../../support/claims.js'
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
})
