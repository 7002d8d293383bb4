import { expect, it } from '@jest/globals'
import { Injectable, Module } from '@nestjs/common'
import { MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'

@Injectable()
class BookingAgent {
  constructor(private readonly memory: MemoryService) {}

  async hear(sessionId: string, content: string, operationId: string): Promise<number> {
    const session = this.memory.session(sessionId)
    await session.append({ role: 'user', content }, { operationId })
    return (await session.messages()).messages.length
  }
}

@Module({
  imports: [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })],
  providers: [BookingAgent],
})
class AppModule {}

describeWithRedis(
  'an application behind a FaultProxy',
  (redis) => {
    it.each(['drop-reply', 'tear-reply', 'cut-before', 'tear-request'] as const)(
      'stores a turn once whose command met a fault, when it is sent again: %s',
      async (action) => {
        await using proxy = await FaultProxy.before(redis)
        const tested = await createMemoryTestingModule({ redis, through: proxy, imports: [AppModule] })
        const agent = tested.app.get(BookingAgent)
        expect(await agent.hear('chat', 'Hello', 'turn-1')).toBe(1)
        const fault = proxy.on({ command: 'EVALSHA' }, action)
        await Promise.allSettled([agent.hear('chat', 'A room with a view, please.', 'turn-2')])
        expect(fault.hits).toBe(1)
        expect(await agent.hear('chat', 'A room with a view, please.', 'turn-2')).toBe(2)
        await tested.close()
      },
    )

    it('closes in a black hole', async () => {
      await using proxy = await FaultProxy.before(redis)
      const tested = await createMemoryTestingModule({ redis, through: proxy, imports: [AppModule] })
      await tested.app.get(BookingAgent).hear('chat', 'Hello', 'turn-1')
      proxy.blackhole()
      const start = performance.now()
      await tested.close()
      expect(performance.now() - start).toBeLessThan(4_000)
    })
  },
  { standalone: 'it is about RealRedis' },
)
