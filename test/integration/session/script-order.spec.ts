import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const say = (content: string) => ({ role: 'user', content }) as const

// A server of its own: it is started anew, and knows no script then.
describeWithRedis(
  'a server that has just started',
  (redis) => {
    const tested = useMemory(redis)

    it('gets the scripts before the first call, so writes that are not awaited keep their order', async () => {
      for (let round = 0; round < 3; round++) {
        await redis.restart({ keepData: false })
        const session = tested.newSession()
        await poll(() => session.messages().catch(() => undefined))
        await Promise.all([session.append(say('before')), session.clear(), session.append(say('after'))])
        expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['after'])
      }
    }, 30_000)
  },
  { backend: 'binary' },
)
