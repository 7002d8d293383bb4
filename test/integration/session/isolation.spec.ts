import { describe, expect, it } from '@jest/globals'
import { MemoryInvalidError, SessionNotFoundError, type SessionOwner } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('isolation', (redis) => {
  const tested = useMemory(redis)

  it('keeps apart what is named alike', async () => {
    const ids: [string, SessionOwner][] = [
      ['a', {}],
      ['a', { tenant: 'a' }],
      ['a', { tenant: '~' }],
      ['a', { tenant: '%7E' }],
      ['~', {}],
      ['%61', {}],
      ['a%3As%3Aa', {}],
      ['A', {}],
      ['a ', {}],
      ['a.b', {}],
      ['a', { tenant: 'a.b' }],
      ['ä', {}],
      ['a\u0308', {}],
      ['(a)', {}],
      ["'!a'", {}],
      ['__proto__', {}],
      ['../a', {}],
      ['😀', {}],
    ]
    for (const [id, owner] of ids)
      await tested.memory.session(id, owner).append({ role: 'user', content: JSON.stringify([id, owner]) })
    for (const [id, owner] of ids) {
      const { messages } = await tested.memory.session(id, owner).messages()
      expect(messages.map(({ content }) => content)).toEqual([JSON.stringify([id, owner])])
    }
    await tested.memory.session('a').delete()
    expect((await tested.memory.session('a', { tenant: '~' }).messages()).messages).toHaveLength(1)
  })

  it('writes keys that anyone can read, with one hash tag around all of it', async () => {
    const session = tested.memory.session('a b/ü', { tenant: 'ten ant' })
    await session.append(hello)
    const key = `am:{${tested.namespace}:ten%20ant:s:a%20b%2F%C3%BC}`
    expect(tested.keyOf(session)).toBe(key)
    expect(await tested.redis.exists(key)).toBe(1)
  })

  it('shows a session to its user alone', async () => {
    const hers = tested.newSession({ userId: 'ada' })
    await hers.append(hello)
    await hers.state.set({ a: 1 })
    const { version } = await hers.messages()
    const his = tested.memory.session(hers.id, { userId: 'bob' })
    const calls: Record<string, () => Promise<unknown>> = {
      append: () => his.append(hello),
      'append with the id of her operation': () => his.append(hello, { operationId: 'x' }),
      messages: () => his.messages(),
      context: () => his.context(),
      info: () => his.info(),
      touch: () => his.touch(),
      clear: () => his.clear(),
      delete: () => his.delete(),
      'state.get': () => his.state.get(),
      'state.value': () => his.state.value('a'),
      'state.set': () => his.state.set({ a: 2 }),
      'state.patch': () => his.state.patch({ a: 2 }),
      'state.delete': () => his.state.delete(['a']),
      'summary.get': () => his.summary.get(),
      'summary.commit': () => his.summary.commit({ text: 'x', coversSeq: 1, replaces: null, basedOn: version }),
    }
    for (const [name, call] of Object.entries(calls)) {
      const error: unknown = await call().catch((failure: unknown) => failure)
      expect({ name, error }).toEqual({ name, error: expect.any(SessionNotFoundError) })
    }
    expect(await hers.messages()).toMatchObject({ version, messages: [{ content: 'hello' }] })
    expect((await hers.state.get()).values).toEqual({ a: 1 })
    expect((await tested.memory.session(hers.id).messages()).messages).toHaveLength(1)
  })

  it('gives a session without a user to the first that names itself', async () => {
    const nobodys = tested.newSession()
    await nobodys.append(hello)
    await tested.memory.session(nobodys.id, { userId: 'ada' }).append(hello)
    await expect(tested.memory.session(nobodys.id, { userId: 'bob' }).messages()).rejects.toThrow(SessionNotFoundError)
  })

  describe('refuses as an id', () => {
    const bad: [string, unknown][] = [
      ['nothing', undefined],
      ['null', null],
      ['a number', 42],
      ['an object', { toString: () => 'a' }],
      ['an empty text', ''],
      ['a megabyte', 'x'.repeat(1_048_576)],
      ['513 bytes', 'ü'.repeat(256) + 'x'],
      ['half a surrogate pair', 'a\ud800'],
      ...['{', '}', ':', '*', '?', '[', ']', '\\', '\0', '\r', '\n', '\t', '\u007f'].map((char): [string, unknown] => [
        JSON.stringify(char),
        `a${char}b`,
      ]),
    ]
    it.each(bad)('%s', (_, id) => {
      const calls: [string, () => unknown][] = [['sessionId', () => tested.memory.session(id as string)]]
      if (id !== undefined) {
        calls.push(['tenant', () => tested.memory.session('a', { tenant: id as string })])
        calls.push(['userId', () => tested.memory.session('a', { userId: id as string })])
      }
      for (const [path, call] of calls) {
        expect(call).toThrow(MemoryInvalidError)
        expect(call).toThrow(
          expect.objectContaining({
            code: 'ARGUMENT_INVALID',
            path,
            message: expect.stringMatching(/given; allowed: 1 to 512 bytes/),
          }),
        )
      }
    })

    it('an unknown name beside it', () => {
      expect(() => tested.memory.session('a', { user: 'ada' } as SessionOwner)).toThrow(
        expect.objectContaining({ path: 'owner.user' }),
      )
      expect(() => tested.memory.session('a', null as unknown as SessionOwner)).toThrow(MemoryInvalidError)
    })
  })
})
