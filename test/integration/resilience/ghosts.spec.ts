import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis('a write that reaches the server after its caller was told', (redis) => {
  const tested = useFaultyMemory(redis, { resilience: { deadline: '300ms' } })

  it('is not executed any more', async () => {
    const session = tested.memory.session('ghost')
    await session.append(user('before'))
    tested.proxy.blackhole()
    await expect(session.append(user('ghost'), { operationId: 'ghost' })).rejects.toMatchObject({
      code: 'TIMEOUT',
      executed: 'unknown',
    })
    await tested.proxy.restore({ ghosts: true })
    await poll(async () => (await session.messages().catch(() => undefined)) !== undefined)
    // Whatever was held up has been delivered by now: it was before these on every way.
    await tested.redis.ping()
    expect((await session.messages()).messages.map(({ content }) => content)).toEqual(['before'])
    expect(await session.append(user('ghost'), { operationId: 'ghost' })).toMatchObject({ duplicate: false })
    expect((await session.messages()).messages).toHaveLength(2)
  })
})
