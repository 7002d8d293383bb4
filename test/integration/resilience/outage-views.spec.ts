import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { contentsOf, replayed, useJournals } from '../../support/use-journals.js'

const user = (content: string) => ({ role: 'user', content }) as const
const OUTAGE = { code: expect.stringMatching(/^(?:UNAVAILABLE|TIMEOUT)$/), executed: 'no' }
const [ada, bob] = [{ userId: 'ada' }, { userId: 'bob' }]

describeWithRedis('what reads show of writes that wait in the journal', (redis) => {
  const journals = useJournals(redis)

  it('is nothing of another user, who is not let see the session by writing to it', async () => {
    const { memory } = await journals.boot()
    await memory.session('s', ada).append(user('secret'))
    await journals.proxy.refuse()
    expect(await memory.session('s', bob).append(user('of bob'))).toMatchObject({ stored: 'journal' })
    await expect(memory.session('s', bob).messages()).rejects.toMatchObject(OUTAGE)
    expect(await contentsOf(memory, 's', 'ada')).toEqual(['secret'])
    await journals.proxy.restore()
    await replayed(memory)
    expect(memory.status().journal).toMatchObject({ aside: 1 })
    expect(await contentsOf(memory, 's', 'ada')).toEqual(['secret'])
  })

  it('is nothing of what the application read for itself to a user who writes', async () => {
    const { memory: elsewhere, namespace } = await journals.boot(
      { resilience: { onOutage: 'throw', journal: undefined } },
      { through: false, cleanUp: false },
    )
    await elsewhere.session('s', ada).append(user('secret'))
    const { memory } = await journals.boot({}, { namespace })
    expect(await contentsOf(memory, 's')).toEqual(['secret'])
    await journals.proxy.refuse()
    await memory.session('s', bob).append(user('of bob'))
    await expect(memory.session('s', bob).messages()).rejects.toMatchObject(OUTAGE)
    expect(await contentsOf(memory, 's')).toEqual(['secret', 'of bob'])
  })

  it('is of an earlier process only what the user wrote who asks, and each once', async () => {
    const first = await journals.boot({}, { cleanUp: false })
    await journals.proxy.refuse()
    await first.memory.session('s', ada).append(user('secret'), { operationId: 'one' })
    await first.close()
    const { memory } = await journals.boot({}, { namespace: first.namespace })
    await expect(memory.session('s', bob).messages()).rejects.toMatchObject(OUTAGE)
    expect(await memory.session('s', ada).append(user('secret'), { operationId: 'one' })).toMatchObject({
      stored: 'journal',
    })
    expect(memory.status().journal?.entries).toBe(1)
    expect(await contentsOf(memory, 's', 'ada')).toEqual(['secret'])
  })

  it('is never an empty session in the place of one that was seen', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append([user('0'), user('1')])
    const { version } = await session.messages()
    await session.summary.commit({ text: 'summary', coversSeq: 1, replaces: null, basedOn: version })
    await journals.proxy.refuse()
    await session.state.set({ a: 1 })
    await expect(session.messages()).rejects.toMatchObject(OUTAGE)
    await expect(session.state.get()).rejects.toMatchObject(OUTAGE)
  })

  it('is all of them yet after a write failed that empties the session', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('new')
    await journals.proxy.refuse()
    await session.append(user('a'))
    await expect(session.clear()).rejects.toMatchObject(OUTAGE)
    expect(await contentsOf(memory, 'new')).toEqual(['a'])
    await session.append(user('b'))
    expect(await contentsOf(memory, 'new')).toEqual(['a', 'b'])
  })

  it('is each once when Redis goes away again while some of them have been made', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('0'))
    await session.context()
    await journals.proxy.refuse()
    for (const content of ['1', '2', '3']) await session.append(user(content))
    await journals.proxy.restore()
    const lost = journals.proxy.on({ command: 'EVALSHA', nth: 2, times: Infinity }, 'cut-before')
    await poll(() => memory.status().journal?.entries === 2)
    await journals.proxy.refuse()
    expect(await session.context()).toMatchObject({
      messages: ['0', '1', '2', '3'].map((content) => ({ content })),
      omitted: 0,
      stale: true,
    })
    expect((await session.messages({ last: 1 })).messages).toMatchObject([{ content: '3' }])
    lost.remove()
    await journals.proxy.restore()
    await replayed(memory)
    expect(await contentsOf(memory, 's')).toEqual(['0', '1', '2', '3'])
  })

  it('is no answer any more once they have been made: others may have written before them', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('0'))
    await session.messages()
    await journals.proxy.refuse()
    await session.append(user('1'))
    await journals.proxy.restore()
    await replayed(memory)
    await journals.proxy.refuse()
    await expect(session.messages()).rejects.toMatchObject(OUTAGE)
  })

  it('is nothing of a session that ended under the same id', async () => {
    const { memory } = await journals.boot({ session: { ttl: '1s' } })
    await memory.session('s', ada).append(user('secret'))
    await memory.session('s', ada).state.set({ pin: 4711 })
    await memory.session('s', ada).context()
    await poll(async () => !(await memory.session('s').info()).exists)
    await memory.session('s', bob).append(user('hi'))
    await journals.proxy.refuse()
    expect(await memory.session('s', bob).context()).toMatchObject({
      messages: [{ content: 'hi' }],
      state: {},
      stale: true,
    })
  })

  it('is a patched value for as long as it has, and nothing of one whose time is over', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    const start = Date.now()
    await session.state.set({ short: { a: 1 }, long: { a: 1 } }, { ttl: '1s' })
    await session.state.get()
    await journals.proxy.refuse()
    await session.state.patch({ long: { b: 1 } })
    expect((await session.state.get()).values).toEqual({ short: { a: 1 }, long: { a: 1, b: 1 } })
    await poll(() => Date.now() - start > 1_100)
    await session.state.patch({ short: { b: 1 } })
    expect((await session.state.get()).values).toEqual({ short: { b: 1 } })
  })
})
