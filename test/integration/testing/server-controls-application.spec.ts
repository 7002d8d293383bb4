import { expect, it } from '@jest/globals'
import { MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'

const imports = [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })]

describeWithRedis(
  'an application on a server in trouble',
  (redis) => {
    it('says that the memory is full, and goes on when there is room', async () => {
      await using tested = await createMemoryTestingModule({ redis, imports })
      const session = tested.memory.session('chat')
      await session.append({ role: 'user', content: 'Hello' }, { operationId: 'turn-1' })
      const full = await redis.fill('noeviction')
      expect(full.oom).toBe(true)
      const refused = session.append({ role: 'user', content: 'A quiet room, please.' }, { operationId: 'turn-2' })
      await expect(refused).rejects.toMatchObject({ executed: 'no' })
      expect((await session.messages()).messages).toHaveLength(1)
      await full.restore()
      await session.append({ role: 'user', content: 'A quiet room, please.' }, { operationId: 'turn-2' })
      expect((await session.messages()).messages).toHaveLength(2)
    })

    it('goes by the way of a user of its own', async () => {
      const user = await redis.aclUser({ name: 'agent', rules: ['~*', '&*', '+@all'] })
      await using tested = await createMemoryTestingModule({ redis, through: user, imports })
      const session = tested.memory.session('chat')
      await session.append({ role: 'user', content: 'Hello' })
      await redis.aclUser({ name: 'agent', rules: ['-evalsha', '-eval'] })
      await expect(session.append({ role: 'user', content: 'Hello?' })).rejects.toMatchObject({ executed: 'no' })
    })
  },
  { standalone: 'it is about RealRedis', backend: 'binary' },
)
