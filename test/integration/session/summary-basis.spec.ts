import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('the basis of a summary', (redis) => {
  const tested = useMemory(redis)

  it('is no version that is still to come', async () => {
    const session = tested.newSession()
    const { version } = await session.append([hello, hello])
    const basedOn = `${Number.parseInt(version, 10) + 1}-0123456789ab`
    const failed = session.summary.commit({ text: 'x', coversSeq: 1, replaces: null, basedOn })
    await expect(failed).rejects.toMatchObject({ code: 'VERSION_MISMATCH', path: 'summary.basedOn' })
    expect((await session.messages()).messages).toHaveLength(2)
  })

  it('may be the version of the last clear', async () => {
    const session = tested.newSession()
    await session.append(hello)
    const { version: basedOn } = await session.clear()
    await session.append([hello, hello])
    expect(await session.summary.commit({ text: 'x', coversSeq: 2, replaces: null, basedOn })).toMatchObject({
      trimmed: 1,
    })
  })

  it('is part of what the operation says', async () => {
    const session = tested.newSession()
    const first = await session.append(hello)
    const second = await session.append(hello)
    const commit = { text: 'x', coversSeq: 1, replaces: null, basedOn: first.version, operationId: 'op' }
    await session.summary.commit(commit)
    for (const other of [{ basedOn: second.version }, { replaces: first.version }]) {
      const failed = session.summary.commit({ ...commit, ...other })
      await expect(failed).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    }
  })
})

describeWithRedis('the copy of a summary', (redis) => {
  const tested = useMemory(redis, { summary: { ttl: '30d' } })

  it('has a time of its own', async () => {
    const session = tested.newSession()
    const { version: basedOn } = await session.append(hello)
    await session.summary.commit({ text: 'x', coversSeq: 1, replaces: null, basedOn })
    const ttl = await tested.redis.pttl(`${tested.keyOf(session)}:summary`)
    expect(ttl).toBeGreaterThan(29.9 * 86_400_000)
    expect(ttl).toBeLessThanOrEqual(30 * 86_400_000)
  })
})

describeWithRedis('a write from before a deletion', (redis) => {
  const tested = useMemory(redis)

  it('is refused also when the session that follows was cleared', async () => {
    const session = tested.newSession()
    await session.append(hello, { operationId: 'before' })
    await session.delete()
    await session.append(hello)
    await session.clear()
    const failed = session.append(hello, { operationId: 'before' })
    await expect(failed).rejects.toMatchObject({ code: 'SESSION_DELETED' })
  })
})
