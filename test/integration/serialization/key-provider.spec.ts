import { EventEmitter, once } from 'node:events'
import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'

type Answer = () => Promise<Uint8Array | undefined>

const gives: Answer = () => Promise.resolve(testKey(1))
const hasNone: Answer = () => Promise.resolve(undefined)
const isAway: Answer = () => Promise.reject(new Error('the key service is away'))

describeWithRedis('encryption keys from a provider', (redis) => {
  const asked: string[] = []
  let answer = gives
  const keys = (id: string): Promise<Uint8Array | undefined> => {
    asked.push(id)
    return answer()
  }
  const tested = useMemory(redis, {
    serialization: { encryption: { current: 'k1', keys } },
    resilience: { deadline: '500ms' },
  })

  it('are asked for once; while the provider is away, the memory is unavailable and nothing is written', async () => {
    const session = tested.newSession()
    answer = isAway
    await expect(session.append({ role: 'user', content: 'a' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      executed: 'no',
      sessionId: session.id,
      operationId: expect.any(String),
    })
    answer = hasNone
    await expect(session.state.set({ a: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
    const late = new EventEmitter()
    answer = async () => ((await once(late, 'key')) as [Uint8Array])[0]
    await expect(session.append({ role: 'user', content: 'a' })).rejects.toMatchObject({
      code: 'TIMEOUT',
      executed: 'no',
    })
    expect(await tested.redis.exists(tested.keyOf(session))).toBe(0)
    late.emit('key', testKey(1))
    answer = gives
    await session.append({ role: 'user', content: 'a' })
    asked.length = 0
    await session.append({ role: 'user', content: 'b' })
    expect((await session.messages()).messages).toHaveLength(2)
    expect(asked).toEqual([])
  })
})
