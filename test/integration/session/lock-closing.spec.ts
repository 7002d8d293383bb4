import { expect, it } from '@jest/globals'
import { MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'

describeWithRedis('an application that closes', (redis) => {
  it('lets nobody wait for a lock any more', async () => {
    const { app, memory, close } = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: { url: redis.url } })],
    })
    const session = memory.session('s')
    let isHeld = false
    let end: () => void = () => undefined
    const holder = session.withLock(() => {
      isHeld = true
      return new Promise<void>((resolve) => {
        end = resolve
      })
    })
    await poll(() => isHeld)
    const waiter = session.withLock(() => 1, { wait: '1h' })
    const refused = expect(waiter).rejects.toMatchObject({ code: 'SHUTDOWN', executed: 'no' })
    await app.close()
    await refused
    end()
    await holder
    await close()
  })
})
