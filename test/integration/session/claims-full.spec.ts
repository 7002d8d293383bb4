import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { answered, claim, claimed, claimKeyOf } from '../../support/claims.js'
import { useMemory } from '../../support/use-memory.js'
import { configure } from '../../support/on-each-master.js'

describeWithRedis(
  'the claim on a turn, on a server that is full',
  (redis) => {
    const tested = useMemory(redis)

    it('is refused, so that nothing is begun that could not be stored', async () => {
      const [running, next] = [tested.newSession(), tested.newSession()]
      const held = await claimed(running)
      await configure(redis, 'maxmemory', '1mb')
      try {
        await expect(claim(next)).rejects.toMatchObject({ code: 'SERVER_FULL', executed: 'no' })
        await expect(held.answer('no room')).rejects.toMatchObject({ code: 'SERVER_FULL', executed: 'no' })
        expect(await tested.redis.exists(claimKeyOf(tested.keyOf(next)))).toBe(0)
      } finally {
        await configure(redis, 'maxmemory', '0')
      }
      expect(await answered(held, 'room')).toBe('room')
      await (await claimed(next, { wait: 0 })).release()
    })
  },
  { backend: 'binary' },
)
