import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const
const OUTAGE = { code: expect.stringMatching(/^(?:UNAVAILABLE|TIMEOUT)$/), executed: 'no' }

describeWithRedis('reads while Redis is away', (redis) => {
  const stale = useFaultyMemory(redis, { resilience: { deadline: '500ms', onOutage: 'stale' } })
  const brief = useFaultyMemory(redis, {
    session: { ttl: '2s' },
    resilience: { deadline: '500ms', onOutage: 'stale', breaker: false },
  })
  const plain = useFaultyMemory(redis, { resilience: { deadline: '500ms' } })

  it('answer from what this process saw and wrote last, marked stale with its age', async () => {
    const session = stale.memory.session('s')
    await session.append(user('0'))
    await session.state.set({ name: 'Ada' })
    await session.context()
    await session.append([user('1'), user('2')])
    await session.state.set({ city: 'Rome' })
    expect(await session.messages()).toMatchObject({ stale: false })
    expect(await session.messages()).not.toHaveProperty('staleMs')
    await stale.proxy.refuse()
    const { messages, stale: isStale, staleMs, version } = await session.messages()
    expect(messages.map(({ content, seq }) => [seq, content])).toEqual([
      [1, '0'],
      [2, '1'],
      [3, '2'],
    ])
    expect({ isStale, version }).toEqual({ isStale: true, version: expect.stringMatching(/^4-/) })
    expect(staleMs).toBeGreaterThan(100)
    expect((await session.messages({ last: 2 })).messages).toHaveLength(2)
    expect(await session.state.get()).toMatchObject({ values: { name: 'Ada', city: 'Rome' }, stale: true })
    expect(await session.context()).toMatchObject({ state: { name: 'Ada', city: 'Rome' }, stale: true })
    await stale.proxy.restore()
    await poll(async () => !(await session.messages()).stale)
  })

  it('fail where this process cannot know, where an answer could not be marked, and for another user', async () => {
    await stale.memory.session('owned', { userId: 'ada' }).append(user('0'))
    await stale.memory.session('owned', { userId: 'ada' }).messages()
    await stale.proxy.refuse()
    expect(await stale.memory.session('owned', { userId: 'ada' }).messages()).toMatchObject({ stale: true })
    await expect(stale.memory.session('owned', { userId: 'bob' }).messages()).rejects.toMatchObject(OUTAGE)
    await expect(stale.memory.session('never seen').messages()).rejects.toMatchObject(OUTAGE)
    const session = stale.memory.session('owned', { userId: 'ada' })
    await expect(session.state.value('a')).rejects.toMatchObject(OUTAGE)
    await expect(session.summary.get()).rejects.toMatchObject(OUTAGE)
    await expect(session.info()).rejects.toMatchObject(OUTAGE)
    await expect(session.touch()).rejects.toMatchObject(OUTAGE)
  })

  it('show nothing that was deleted or cleared', async () => {
    const [deleted, cleared] = [stale.memory.session('deleted'), stale.memory.session('cleared')]
    for (const session of [deleted, cleared]) {
      await session.append(user('secret'))
      await session.messages()
    }
    await deleted.delete()
    await cleared.clear()
    await stale.proxy.refuse()
    await expect(deleted.messages()).rejects.toMatchObject(OUTAGE)
    await expect(cleared.messages()).rejects.toMatchObject(OUTAGE)
  })

  it('show nothing of a session that has come to its end meanwhile', async () => {
    const session = brief.memory.session('brief')
    await session.append(user('0'))
    await session.messages()
    await brief.proxy.refuse()
    expect(await session.messages()).toMatchObject({ stale: true })
    await poll(() =>
      session.messages().then(
        () => false,
        ({ code }: { code: string }) => /UNAVAILABLE|TIMEOUT/.test(code),
      ),
    )
  })

  it('come with writes that fail', async () => {
    const session = stale.memory.session('writes')
    await session.append(user('0'))
    await stale.proxy.refuse()
    await expect(session.append(user('1'))).rejects.toMatchObject({ code: OUTAGE.code })
    await expect(session.state.set({ a: 1 })).rejects.toMatchObject(OUTAGE)
    expect((await session.messages()).messages).toHaveLength(1)
  })

  it('fail unless asked otherwise', async () => {
    const session = plain.memory.session('plain')
    await session.append(user('0'))
    await session.messages()
    await plain.proxy.refuse()
    await expect(session.messages()).rejects.toMatchObject(OUTAGE)
    expect(plain.proxy.faults.refused).toBeGreaterThan(0)
  })

  it('do not wait long once Redis has not answered for long, and go on when it is back', async () => {
    const session = plain.memory.session('breaker')
    await session.append(user('0'))
    await plain.proxy.refuse()
    await poll(async () => {
      await Promise.all(Array.from({ length: 10 }, () => session.messages().catch(() => undefined)))
      return plain.memory.status().breaker === 'open'
    })
    const start = performance.now()
    await expect(session.messages()).rejects.toMatchObject({ ...OUTAGE, message: expect.stringContaining('in a row') })
    expect(performance.now() - start).toBeLessThan(100)
    await plain.proxy.restore()
    await poll(async () => (await session.messages().catch(() => undefined))?.messages.length === 1)
    expect(plain.memory.status().breaker).toBe('closed')
  })
})
