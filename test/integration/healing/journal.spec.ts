import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { contentsOf, replayed, useJournals } from '../../support/use-journals.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis(
  'a server that starts anew with an older state, when the process has ended before',
  (redis) => {
    const journals = useJournals(redis)

    it('gets what it has lost out of the journal, in front of what was called while it was away', async () => {
      const first = await journals.boot({}, { cleanUp: false })
      const session = first.memory.session('s')
      await session.append(user('0'))
      await redis.save()
      await session.append(user('1'))
      await session.state.set({ field: 1 })
      await redis.kill()
      expect(await session.append(user('2'))).toMatchObject({ stored: 'journal' })
      expect(first.memory.status().journal?.entries).toBe(1)
      await first.close()

      await redis.restart({ keepData: true })
      const { memory } = await journals.boot({}, { namespace: first.namespace })
      await poll(() => succeeds(memory.session('nobody').info()))
      await replayed(memory)
      expect(await contentsOf(memory, 's')).toEqual(['0', '1', '2'])
      expect((await memory.session('s').state.get()).values).toEqual({ field: 1 })
    })

    it('has nothing in the journal, when the process ended while all was well', async () => {
      const first = await journals.boot({}, { cleanUp: false })
      await first.memory.session('well').append(user('0'))
      await first.close()
      const { memory } = await journals.boot({}, { namespace: first.namespace })
      expect(memory.status().journal?.entries).toBe(0)
    })
  },
  { backend: 'binary' },
)
