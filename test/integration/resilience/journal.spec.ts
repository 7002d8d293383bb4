import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { poll } from '../../support/poll.js'
import { contentsOf, replayed, useJournals } from '../../support/use-journals.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis('writes while Redis is away, with a journal', (redis) => {
  const journals = useJournals(redis)

  it('are kept, shown to reads of this process at once, and made in their order when it is back', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('before'))
    await session.state.set({ name: 'Ada', trip: { from: 'Rome' } })
    await session.context()
    await journals.proxy.refuse()
    expect(await session.append(user('first'), { operationId: 'first' })).toEqual({
      stored: 'journal',
      operationId: 'first',
    })
    expect(await session.append([user('second'), user('third')])).toMatchObject({ stored: 'journal' })
    expect(await session.state.set({ name: 'Grace' })).toMatchObject({ stored: 'journal' })
    expect(await session.state.patch({ trip: { until: 'Oslo' } })).toMatchObject({ stored: 'journal' })
    const read = await session.messages({ last: 3 })
    expect(read).toMatchObject({ stale: true, staleMs: expect.any(Number) })
    expect(read.messages.map(({ content }) => content)).toEqual(['first', 'second', 'third'])
    const context = await session.context()
    expect(context.messages.map(({ content }) => content)).toEqual(['before', 'first', 'second', 'third'])
    expect(context).toMatchObject({
      stale: true,
      state: { name: 'Grace', trip: { from: 'Rome', until: 'Oslo' } },
    })
    expect(memory.status().journal).toMatchObject({ entries: 4, aside: 0 })
    await journals.proxy.restore()
    await replayed(memory)
    expect(await contentsOf(memory, 's')).toEqual(['before', 'first', 'second', 'third'])
    expect(await session.state.get()).toMatchObject({
      values: { name: 'Grace', trip: { from: 'Rome', until: 'Oslo' } },
      stale: false,
    })
    expect((await session.messages()).messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(await session.append(user('first'), { operationId: 'first' })).toMatchObject({ duplicate: true })
    expect(journals.proxy.faults.refused).toBeGreaterThan(0)
  })

  it('are made before newer writes of this process to the session', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('0'))
    await journals.proxy.refuse()
    for (const content of ['1', '2', '3']) await session.append(user(content))
    await journals.proxy.restore()
    const last = await poll(async () => {
      const result = await session.append(user('4'), { operationId: 'four' })
      return result.stored === 'redis' ? result : undefined
    })
    expect(last.messages[0]?.seq).toBe(5)
    expect(await contentsOf(memory, 's')).toEqual(['0', '1', '2', '3', '4'])
  })

  it('are doubled by nothing: not by a reply that was lost, nor by a caller who repeats them', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('0'))
    const lost = journals.proxy.on({ command: 'EVALSHA', times: 100 }, 'drop-reply')
    const again = (): Promise<unknown> => session.append(user('1'), { operationId: 'one' })
    expect(await again()).toEqual({ stored: 'journal', operationId: 'one' })
    expect(await again()).toEqual({ stored: 'journal', operationId: 'one' })
    await expect(session.append(user('another'), { operationId: 'one' })).rejects.toMatchObject({
      code: 'OPERATION_REUSED',
    })
    expect(memory.status().journal?.entries).toBe(1)
    expect(lost.hits).toBeGreaterThan(0)
    lost.remove()
    await poll(async () => (await contentsOf(memory, 's')).length === 2 && memory.status().journal?.entries === 0)
    expect(await again()).toMatchObject({ stored: 'redis', duplicate: true })
    expect(await contentsOf(memory, 's')).toEqual(['0', '1'])
  })

  it('are refused when they rest on a version or a lock, and so is what only Redis can do', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    const { version } = (await session.append(user('0'))) as { version: string }
    await journals.proxy.refuse()
    const outage = expect.objectContaining({ code: expect.stringMatching(/^(?:UNAVAILABLE|TIMEOUT)$/) })
    await expect(session.append(user('1'), { expectedVersion: version })).rejects.toEqual(outage)
    await expect(session.append(user('1'), { fence: 5 })).rejects.toEqual(outage)
    await expect(session.state.set({ a: 1 }, { expectedVersions: { a: '0' } })).rejects.toEqual(outage)
    await expect(session.clear()).rejects.toEqual(outage)
    await expect(session.delete()).rejects.toEqual(outage)
    await expect(session.withLock(() => 1, { wait: '0ms' })).rejects.toEqual(outage)
    await expect(session.summary.get()).rejects.toEqual(outage)
    await expect(session.state.value('a')).rejects.toEqual(outage)
    expect(memory.status().journal?.entries).toBe(0)
  })

  it('say when they got a place behind other writers, and leave newer state alone', async () => {
    const { memory, namespace } = await journals.boot()
    const { memory: other } = await journals.boot(
      { resilience: { onOutage: 'throw', journal: undefined } },
      { namespace, through: false, cleanUp: false },
    )
    const session = memory.session('s')
    await session.append(user('0'))
    await journals.proxy.refuse()
    await session.append(user('mine'), { operationId: 'mine' })
    await session.state.set({ shared: 'older', mine: 1 })
    await other.session('s').append(user('theirs'))
    await other.session('s').state.set({ shared: 'newer' })
    const events: unknown[] = []
    const listen = (event: unknown): void => void events.push(event)
    subscribe('nestjs-agent-memory:replayed', listen)
    await journals.proxy.restore()
    await replayed(memory)
    // It is said when the journal has forgotten it on disk, too.
    await poll(() => events.length === 2)
    unsubscribe('nestjs-agent-memory:replayed', listen)
    expect(await contentsOf(memory, 's')).toEqual(['0', 'theirs', 'mine'])
    expect((await session.state.get()).values).toEqual({ shared: 'newer', mine: 1 })
    expect(events).toEqual([
      expect.objectContaining({ sessionId: 's', operationId: 'mine', seqs: [3], behind: 1, outdated: [] }),
      expect.objectContaining({ sessionId: 's', seqs: [], outdated: ['shared'] }),
    ])
  })

  it('are made by the process that comes after, which shows them before it can', async () => {
    const first = await journals.boot({}, { cleanUp: false })
    await first.memory.session('s').append(user('0'))
    await journals.proxy.refuse()
    await first.memory.session('s').append(user('1'), { operationId: 'one' })
    await first.memory.session('new').append(user('hello'))
    await first.close()
    const { memory } = await journals.boot({}, { namespace: first.namespace })
    // With what was stored just before: a server that comes back may not have it.
    expect(memory.status().journal?.entries).toBe(3)
    expect(await contentsOf(memory, 'new')).toEqual(['hello'])
    await journals.proxy.restore()
    await replayed(memory)
    expect(await contentsOf(memory, 's')).toEqual(['0', '1'])
    expect(await contentsOf(memory, 'new')).toEqual(['hello'])
  })

  it('stand in the journal encrypted where records do', async () => {
    const secret = 'the door code is 4711'
    const { memory } = await journals.boot({
      serialization: { encryption: { current: 'k1', keys: { k1: testKey(1) } } },
    })
    const session = memory.session('s')
    await session.append(user('0'))
    await session.state.set({ trip: { from: 'Rome' } })
    await journals.proxy.refuse()
    await session.append(user(secret))
    await session.state.patch({ trip: { until: secret } })
    const entries = await readdir(journals.directory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    expect(files).not.toEqual([])
    for (const file of files) expect(await readFile(file, 'latin1')).not.toContain('4711')
    expect((await session.messages({ last: 1 })).messages[0]?.content).toBe(secret)
    await journals.proxy.restore()
    await replayed(memory)
    expect(await contentsOf(memory, 's')).toEqual(['0', secret])
    expect((await session.state.get()).values).toEqual({ trip: { from: 'Rome', until: secret } })
  })

  it('are refused loudly when the journal is full, and set aside when they are too old', async () => {
    const { memory } = await journals.boot({
      resilience: { journal: { directory: journals.directory, maxBytes: '3kb', maxAge: '500ms' } },
    })
    const session = memory.session('s')
    await session.append(user('0'))
    await journals.proxy.refuse()
    expect(await session.append(user('kept'))).toMatchObject({ stored: 'journal' })
    await expect(session.append(user('x'.repeat(4_000)))).rejects.toMatchObject({
      code: 'JOURNAL_FULL',
      executed: 'no',
    })
    const since = Date.now()
    await poll(() => Date.now() - since > 600)
    await journals.proxy.restore()
    await poll(() => memory.status().journal?.aside === 1)
    expect(memory.status().journal).toMatchObject({ entries: 0, aside: 1 })
    expect(await contentsOf(memory, 's')).toEqual(['0'])
  })

  it('keep their time, and end when it is over', async () => {
    const { memory } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('0'))
    await journals.proxy.refuse()
    const before = Date.now()
    await session.append(user('1'))
    await session.state.set({ code: '4711' }, { ttl: '1s' })
    const after = Date.now()
    await poll(() => Date.now() > after + 700)
    await journals.proxy.restore()
    await replayed(memory)
    const [, message] = (await session.messages()).messages
    expect(message!.createdAt.getTime()).toBeGreaterThan(before - 100)
    expect(message!.createdAt.getTime()).toBeLessThan(after + 100)
    await poll(async () => (await session.state.value('code')) === undefined, 900)
  })

  it('go into it also when the application closes while Redis hangs', async () => {
    const own = await journals.boot({ resilience: { deadline: '10s' } }, { cleanUp: false })
    const session = own.memory.session('s')
    await session.append(user('0'))
    journals.proxy.blackhole()
    const writes = ['1', '2', '3'].map((content) => session.append(user(content)))
    const start = performance.now()
    await own.app.close()
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(await Promise.all(writes)).toEqual(writes.map(() => expect.objectContaining({ stored: 'journal' })))
    await journals.proxy.restore()
    const { memory } = await journals.boot({}, { namespace: own.namespace })
    await replayed(memory)
    expect(await contentsOf(memory, 's')).toEqual(['0', '1', '2', '3'])
  }, 15_000)
})
