import { describe, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import type { StoringSession } from '../../support/storing-memory.js'
import { useMemory } from '../../support/use-memory.js'

const CAP = 1_000
const START = 700
const hello = { role: 'user', content: 'hello' } as const

/** Writes of which one argument says how long the record is; each leaves nothing but that record. */
const writes: Record<string, (session: StoringSession, length: number) => Promise<unknown>> = {
  append: (session, length) => session.append({ role: 'user', content: 'x'.repeat(length) }),
  'state.set': (session, length) => session.state.set({ field: 'x'.repeat(length) }),
  'state.patch': async (session, length) => {
    await session.state.set({ field: { a: 1 } })
    await session.state.patch({ field: { text: 'x'.repeat(length) } })
  },
  'summary.commit': async (session, length) => {
    const { version } = await session.append({ role: 'user', content: 'hello' })
    await session.summary.commit({ text: 'x'.repeat(length), coversSeq: 1, replaces: null, basedOn: version })
  },
}

const bytesOf = async (session: StoringSession): Promise<number> => {
  const info = await session.info()
  return info.exists ? info.bytes : 0
}

describeWithRedis('a session at its caps', (redis) => {
  const roomy = useMemory(redis)
  const capped = {
    trim: useMemory(redis, { session: { maxBytes: CAP, maxMessages: 3 } }),
    refuse: useMemory(redis, { session: { maxBytes: CAP, maxMessages: 3, onFull: 'refuse' } }),
  }

  describe.each(['trim', 'refuse'] as const)('with onFull: %s', (onFull) => {
    it.each(Object.entries(writes))('%s takes the last byte, and not one more', async (_, write) => {
      const sample = roomy.newSession()
      await write(sample, START)
      const length = START + CAP - (await bytesOf(sample))
      const session = capped[onFull].newSession()
      await write(session, length)
      expect(await bytesOf(session)).toBe(CAP)
      const { version } = await session.info()
      await expect(write(capped[onFull].newSession(), length + 1)).rejects.toMatchObject({ code: 'SESSION_FULL' })
      await session.state.delete(['not there'])
      expect(await bytesOf(session)).toBe(CAP)
      expect((await session.info()).version).not.toBe(version)
    })

    it('takes the last message', async () => {
      const session = capped[onFull].newSession()
      expect(await session.append([hello, hello, hello])).toMatchObject({ trimmed: 0 })
      const failed = session.append([hello, hello, hello, hello])
      await expect(failed).rejects.toMatchObject({ code: 'TOO_LARGE' })
      expect((await session.messages()).messages).toHaveLength(3)
    })
  })

  it('drops no more than it must, or refuses', async () => {
    const trimming = capped.trim.newSession()
    await trimming.append([hello, hello, hello])
    expect(await trimming.append([hello, hello])).toMatchObject({ trimmed: 2 })
    const refusing = capped.refuse.newSession()
    await refusing.append([hello, hello, hello])
    await expect(refusing.append(hello)).rejects.toMatchObject({ code: 'SESSION_FULL' })
    for (const session of [trimming, refusing]) expect((await session.messages()).messages).toHaveLength(3)
  })
})
