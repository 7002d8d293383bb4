import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('clear and delete', (redis) => {
  const tested = useMemory(redis)
  const brief = useMemory(redis, { session: { ttl: '300ms' } })

  it('answer a repeated call as the first time, also where there was no session', async () => {
    for (const how of ['clear', 'delete'] as const) {
      const session = tested.newSession()
      const first = await session[how]({ operationId: 'reset' })
      const again = await session[how]({ operationId: 'reset' })
      expect(again).toEqual(how === 'clear' ? { version: '0', duplicate: true } : first)
    }
  })

  it('forget none of the operations before them', async () => {
    for (const how of ['clear', 'delete'] as const) {
      const session = tested.newSession()
      const ids = Array.from({ length: 130 }, (_, index) => `operation ${index}`)
      // The 25 before them move the blocks on, so that all of them are in use.
      for (let index = 0; index < 25; index++) await session.append(hello)
      for (const operationId of ids) await session.append(hello, { operationId })
      await session[how]()
      const outcomes = await Promise.all(
        ids.slice(-127).map((operationId) =>
          session.append(hello, { operationId }).then(
            ({ duplicate }) => duplicate,
            ({ code }: { readonly code?: string }) => code,
          ),
        ),
      )
      expect([...new Set(outcomes)]).toEqual([how === 'clear' ? true : 'SESSION_DELETED'])
    }
  })

  it('leave no empty summary in the session that comes after', async () => {
    const session = brief.newSession()
    await session.append(hello)
    await session.clear()
    await poll(async () => !(await session.info()).exists)
    expect(await brief.redis.get(`${brief.keyOf(session)}:summary`)).toBe('2 1 0 :')
    const { messages, version } = await session.append(hello)
    expect({ seq: messages[0]?.seq, version }).toEqual({ seq: 2, version: expect.stringMatching(/^3-/) })
    expect(await session.summary.get()).toBeNull()
    expect((await session.context()).corrupt).toEqual([])
  })

  it('keep their marks for a day, and that of a session for as long as it would have lived', async () => {
    const DAY = 86_400_000
    const short = brief.newSession()
    await short.append(hello)
    await short.delete()
    const long = tested.newSession()
    await long.append(hello)
    await long.delete()
    const stays: [key: string, ms: number][] = [
      [brief.keyOf(short), DAY],
      [`${brief.keyOf(short)}:summary`, DAY],
      [tested.keyOf(long), 7 * DAY],
      [`${tested.keyOf(long)}:summary`, DAY],
    ]
    for (const [key, ms] of stays) {
      const ttl = await tested.redis.pttl(key)
      expect(ttl).toBeGreaterThan(ms - 60_000)
      expect(ttl).toBeLessThanOrEqual(ms)
    }
  })
})
