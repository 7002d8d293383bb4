import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'
import { onEachMaster } from '../../support/on-each-master.js'

describeWithRedis(
  'the write that creates a session',
  (redis) => {
    const tested = useMemory(redis, { resilience: { onLoss: 'report' } })

    it('is not overtaken by one whose script the server knows, nor when the session comes back', async () => {
      const session = tested.newSession()
      for (let round = 0; round < 2; round++) {
        await onEachMaster(redis, (client) => client.script('FLUSH'))
        await tested.newSession().append({ role: 'user', content: 'the script of append is known' })
        const [set, append] = await Promise.all([
          session.state.set({ a: 1 }),
          session.append({ role: 'user', content: 'after it' }),
        ])
        expect([set.version, append.version].map((version) => Number.parseInt(version, 10))).toEqual([1, 2])
        await tested.redis.del(tested.keyOf(session))
      }
    })
  },
  { backend: 'binary' },
)
