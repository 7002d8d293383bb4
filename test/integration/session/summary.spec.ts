import { expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const talk = (session: AgentSession, count: number): Promise<unknown> =>
  session.append(
    Array.from({ length: count }, (_, index) => ({ role: 'user' as const, content: `message ${index + 1}` })),
  )

describeWithRedis('summary', (redis) => {
  const tested = useMemory(redis)
  const brief = useMemory(redis, { session: { ttl: '300ms' } })

  it('replaces what it names, and trims what it covers', async () => {
    const session = tested.newSession()
    await talk(session, 10)
    expect(await session.summary.get()).toBeNull()
    const { version: basedOn } = await session.messages()
    const result = await session.summary.commit({ text: 'six things ☕', coversSeq: 6, replaces: null, basedOn })

    expect(result).toMatchObject({ stored: 'redis', duplicate: false, trimmed: 6, outlives: true })
    expect((await session.messages()).messages.map(({ seq }) => seq)).toEqual([7, 8, 9, 10])
    const summary = await session.summary.get()
    expect(summary).toMatchObject({ text: 'six things ☕', coversSeq: 6, version: result.version })
    expect(summary?.createdAt).toBeInstanceOf(Date)
    expect(await session.info()).toMatchObject({ count: 4, firstSeq: 7, lastSeq: 10 })

    await session.append({ role: 'user', content: 'appends are no conflict' })
    const next = await session.summary.commit({
      text: 'eight',
      coversSeq: 8,
      replaces: summary!.version,
      basedOn: result.version,
    })
    expect(next).toMatchObject({ trimmed: 2 })
    expect(await session.summary.get()).toMatchObject({ text: 'eight', version: next.version })
    expect(await tested.redis.hkeys(tested.keyOf(session))).toEqual(expect.not.arrayContaining(['m:8']))
    const records = Object.entries(await tested.redis.hgetall(tested.keyOf(session))).filter(([field]) =>
      /^(m:|y$)/.test(field),
    )
    expect(await session.info()).toMatchObject({
      bytes: records.reduce((sum, [, record]) => sum + Buffer.byteLength(record), 0),
    })
  })

  it('is refused when another summary stands', async () => {
    const session = tested.newSession()
    await talk(session, 4)
    const { version: basedOn } = await session.messages()
    const first = await session.summary.commit({ text: 'one', coversSeq: 1, replaces: null, basedOn })
    for (const replaces of [null, basedOn]) {
      await expect(session.summary.commit({ text: 'two', coversSeq: 2, replaces, basedOn })).rejects.toMatchObject({
        code: 'SUMMARY_REPLACED',
        path: 'summary.replaces',
        message: expect.stringContaining(first.version),
      })
    }
    expect((await session.messages()).messages).toHaveLength(3)
  })

  it('is refused when what it covers was removed since', async () => {
    const session = tested.newSession()
    await talk(session, 4)
    const { version: basedOn } = await session.messages()
    await session.clear()
    await talk(session, 4)
    await expect(session.summary.commit({ text: 'old', coversSeq: 3, replaces: null, basedOn })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      path: 'summary.basedOn',
    })
    expect((await session.messages()).messages).toHaveLength(4)
  })

  it('is refused when its basis is of another history', async () => {
    const session = tested.newSession()
    await talk(session, 2)
    for (const basedOn of ['1-000000000000', '99-0123456789ab']) {
      await expect(session.summary.commit({ text: 'x', coversSeq: 1, replaces: null, basedOn })).rejects.toMatchObject({
        path: 'summary.basedOn',
      })
    }
  })

  it('answers a repeated commit with the first result', async () => {
    const session = tested.newSession()
    await talk(session, 4)
    const { version: basedOn } = await session.messages()
    const commit = { text: 'one', coversSeq: 2, replaces: null, basedOn, operationId: 'op' }
    const first = await session.summary.commit(commit)
    expect(await session.summary.commit(commit)).toEqual({ ...first, duplicate: true })
    await session.summary.commit({ text: 'two', coversSeq: 3, replaces: first.version, basedOn })
    expect(await session.summary.commit(commit)).toEqual({ ...first, duplicate: true })
    expect(await session.summary.get()).toMatchObject({ text: 'two' })
    await expect(session.summary.commit({ ...commit, text: 'other' })).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
    })
  })

  it('outlives its session, which goes on from it when it comes back', async () => {
    const session = brief.newSession()
    await talk(session, 5)
    const { version: basedOn } = await session.messages()
    const { version } = await session.summary.commit({ text: 'what was said', coversSeq: 5, replaces: null, basedOn })
    await poll(async () => !(await session.info()).exists)

    expect(await brief.redis.exists(brief.keyOf(session))).toBe(0)
    expect(await session.summary.get()).toMatchObject({ text: 'what was said', coversSeq: 5, version })
    expect((await session.context()).summary).toMatchObject({ text: 'what was said' })

    const again = await session.append({ role: 'user', content: 'I am back' }, { expectedVersion: '0' })
    expect(again.messages[0]?.seq).toBe(6)
    expect(Number.parseInt(again.version, 10)).toBeGreaterThan(Number.parseInt(version, 10))
    expect(await session.summary.get()).toMatchObject({ text: 'what was said', version })
    await session.append({ role: 'user', content: 'more' })
    const next = await session.summary.commit({
      text: 'all of it',
      coversSeq: 7,
      replaces: version,
      basedOn: again.version,
    })
    await poll(async () => !(await session.info()).exists)
    expect(await session.summary.get()).toMatchObject({ text: 'all of it', version: next.version })
  })

  it('does not outlive a session that was deleted or cleared', async () => {
    for (const remove of ['delete', 'clear'] as const) {
      const session = brief.newSession()
      await talk(session, 2)
      const { version: basedOn } = await session.messages()
      await session.summary.commit({ text: 'gone', coversSeq: 2, replaces: null, basedOn })
      await session[remove]()
      expect(await session.summary.get()).toBeNull()
      if (remove === 'clear') await poll(async () => !(await session.info()).exists)
      expect(await session.summary.get()).toBeNull()
      expect((await session.append({ role: 'user', content: 'new' })).messages[0]?.seq).toBe(3)
      expect((await session.context()).summary).toBeUndefined()
    }
  })

  it('does not outlive a deletion that came after the session had expired', async () => {
    const session = brief.newSession()
    await talk(session, 2)
    const { version: basedOn } = await session.messages()
    await session.summary.commit({ text: 'gone', coversSeq: 2, replaces: null, basedOn })
    await poll(async () => !(await session.info()).exists)
    expect(await session.delete()).toBe(false)
    expect(await session.summary.get()).toBeNull()
  })

  it('is not kept beyond the session by a commit that a deletion has overtaken', async () => {
    const session = tested.newSession()
    await talk(session, 2)
    const { version: basedOn } = await session.messages()
    const commit = { text: 'late', coversSeq: 1, replaces: null, basedOn, operationId: 'op' }
    await session.summary.commit(commit)
    const copy = await tested.redis.get(`${tested.keyOf(session)}:summary`)
    await session.delete()
    expect(copy).toContain('late')
    await expect(session.summary.commit(commit)).rejects.toMatchObject({ code: 'SESSION_DELETED' })
    expect(await tested.redis.get(`${tested.keyOf(session)}:summary`)).not.toContain('late')
  })

  it.each<[string, object, string]>([
    ['no text', { text: '' }, 'summary.text'],
    ['a text that is none', { text: 5 }, 'summary.text'],
    ['no coversSeq', { coversSeq: undefined }, 'summary.coversSeq'],
    ['a seq of 0', { coversSeq: 0 }, 'summary.coversSeq'],
    ['a seq that is not there yet', { coversSeq: 3 }, 'summary.coversSeq'],
    ['no word on what it replaces', { replaces: undefined }, 'summary.replaces'],
    ['a basis that is no version', { basedOn: 'yesterday' }, 'summary.basedOn'],
    ['an unknown name', { covers: 1 }, 'summary.covers'],
  ])('refuses %s', async (_, wrong, path) => {
    const session = tested.newSession()
    await talk(session, 2)
    const { version: basedOn } = await session.messages()
    const failed = session.summary.commit({ text: 'x', coversSeq: 1, replaces: null, basedOn, ...wrong })
    await expect(failed).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', path })
    expect((await session.messages()).messages).toHaveLength(2)
  })

  it('refuses a session that is not there', async () => {
    const failed = tested
      .newSession()
      .summary.commit({ text: 'x', coversSeq: 1, replaces: null, basedOn: '1-0123456789ab' })
    await expect(failed).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })
})
