import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

describeWithRedis('a repeated state write', (redis) => {
  const tested = useMemory(redis)

  it('is another one when its ttl is another', async () => {
    const session = tested.newSession()
    await session.state.set({ a: 1 }, { operationId: 'op', ttl: '1h' })
    expect(await session.state.set({ a: 1 }, { operationId: 'op', ttl: '60m' })).toMatchObject({ duplicate: true })
    for (const options of [{ ttl: '2h' }, {}]) {
      const failed = session.state.set({ a: 1 }, { operationId: 'op', ...options })
      await expect(failed).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    }
  })
})
