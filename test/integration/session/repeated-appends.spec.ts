import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const
/** A block of operations has one time, to the second. */
const SECOND = 1_000

describeWithRedis('a repeated append', (redis) => {
  const tested = useMemory(redis, { session: { maxMessages: 2 } })

  it('gives a trimmed message about the time it had', async () => {
    const session = tested.newSession()
    const first = await session.append(hello, { operationId: 'first' })
    await session.append([hello, hello])
    const again = await session.append(hello, { operationId: 'first' })
    const [was, is] = [first.messages[0]!.createdAt.getTime(), again.messages[0]!.createdAt.getTime()]
    expect(is).toBeLessThanOrEqual(was)
    expect(is).toBeGreaterThan(was - 2 * SECOND)
  })

  it('is known at a distance of 128 writes, wherever in a block it stands', async () => {
    const session = tested.newSession()
    const value = (index: number): Promise<unknown> =>
      session.state.set({ index }, { operationId: `operation ${index}` })
    let written = 0
    for (; written < 128; written++) await value(written)
    for (; written < 168; written++) {
      expect(await value(written - 128)).toMatchObject({ duplicate: true })
      await value(written)
    }
    expect(await session.state.value('index')).toBe(written - 1)
  })
})
