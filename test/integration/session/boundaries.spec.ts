import { expect, it } from '@jest/globals'
import { SessionNotFoundError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('what is over stays over, and what is foreign stays foreign', (redis) => {
  // Its end is brought about by removing its key.
  const tested = useMemory(redis, { resilience: { onLoss: 'report' } })

  it('a summary that outlived its session is for its user alone', async () => {
    const hers = tested.newSession({ userId: 'ada' })
    const { version: basedOn } = await hers.append(hello)
    await hers.summary.commit({ text: 'private', coversSeq: 1, replaces: null, basedOn })
    await tested.redis.del(tested.keyOf(hers))
    const his = tested.memory.session(hers.id, { userId: 'bob' })
    for (const call of [() => his.summary.get(), () => his.context(), () => his.append(hello), () => his.delete()]) {
      await expect(call()).rejects.toThrow(SessionNotFoundError)
    }
    expect(await hers.summary.get()).toMatchObject({ text: 'private' })
    await tested.memory.session(hers.id).append(hello)
    await expect(his.messages()).rejects.toThrow(SessionNotFoundError)
  })

  it('a summary of deleted messages does not come into the session that follows', async () => {
    const session = tested.newSession()
    const { version: basedOn } = await session.append(hello)
    await session.delete()
    await session.append(hello)
    const failed = session.summary.commit({ text: 'of deleted ones', coversSeq: 1, replaces: null, basedOn })
    await expect(failed).rejects.toMatchObject({ code: 'VERSION_MISMATCH', path: 'summary.basedOn' })
    expect(await session.summary.get()).toBeNull()
  })

  it('a summary of an earlier history trims no messages of this one', async () => {
    const session = tested.newSession()
    await session.append(hello)
    const { version: basedOn } = await session.append(hello)
    await tested.redis.del(tested.keyOf(session))
    for (let index = 0; index < 4; index++) await session.append(hello)
    const failed = session.summary.commit({ text: 'of other ones', coversSeq: 2, replaces: null, basedOn })
    await expect(failed).rejects.toMatchObject({ code: 'VERSION_MISMATCH', path: 'summary.basedOn' })
    expect((await session.messages()).messages).toHaveLength(4)
  })

  it('a version is expected also of a field that is not written', async () => {
    const session = tested.newSession()
    const { versions } = await session.state.set({ items: [1], total: 1 })
    await session.state.set({ items: [1, 2] })
    const failed = session.state.set({ total: 1 }, { expectedVersions: { items: versions['items'] } })
    await expect(failed).rejects.toMatchObject({ code: 'VERSION_MISMATCH', path: 'options.expectedVersions.items' })
  })

  it('a deletion of another version of a field is refused, also when the session is gone', async () => {
    const failed = tested.newSession().state.delete(['a'], { expectedVersions: { a: '5-0123456789ab' } })
    await expect(failed).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
  })

  it('a deleted summary is not read, also when the deletion was cut off before its mark', async () => {
    const session = tested.newSession()
    const { version: basedOn } = await session.append(hello)
    await session.summary.commit({ text: 'private', coversSeq: 1, replaces: null, basedOn })
    const copy = (await tested.redis.get(`${tested.keyOf(session)}:summary`))!
    await session.delete()
    await tested.redis.set(`${tested.keyOf(session)}:summary`, copy, 'PX', 60_000)
    expect(await session.summary.get()).toBeNull()
    expect((await session.context()).summary).toBeUndefined()
  })

  it('a deletion that was done by half says so, and is completed under its operation id', async () => {
    const session = tested.newSession()
    const { version: basedOn } = await session.append(hello)
    // What makes the second command fail: a key of another type stands where the copy belongs.
    const copy = `${tested.keyOf(session)}:summary`
    await tested.redis.hset(copy, 'another', 'application')
    await tested.redis.pexpire(copy, 60_000)
    const commit = { text: 'kept', coversSeq: 1, replaces: null, basedOn }
    expect(await session.summary.commit(commit)).toMatchObject({ trimmed: 1, outlives: false })
    const failed = session.delete({ operationId: 'delete' })
    await expect(failed).rejects.toMatchObject({ executed: 'yes', retryable: true, operationId: 'delete' })
    expect(await session.info()).toMatchObject({ exists: false })
    await tested.redis.del(copy)
    expect(await session.delete({ operationId: 'delete' })).toBe(true)
    expect(await tested.redis.get(copy)).toMatch(/^\d+ 1 0 :$/)
  })
})
