import { expect, it } from '@jest/globals'
import { MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'

describeWithRedis('an application that closes', (redis) => {
  it('lets nobody wait for a lock any more', async () => {
    const tested = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
    })
    const session = tested.memory.session('s')
    const work = { isBegun: false, isDone: false }
    const holder = session.withLock(async () => {
      work.isBegun = true
      await poll(() => work.isDone)
    })
    await poll(() => work.isBegun)
    const waiter = session
      .withLock(() => 1, { wait: '1h' })
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    await tested.app.close()
    expect(await waiter).toMatchObject({ code: 'SHUTDOWN', executed: 'no' })
    work.isDone = true
    await holder
    await tested.close()
  })
})
