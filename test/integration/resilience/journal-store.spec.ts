import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryConfigError } from '../../../lib/errors/memory-config.error.js'
import { MemoryFullError } from '../../../lib/errors/memory-full.error.js'
import { MemoryShutdownError } from '../../../lib/errors/memory-shutdown.error.js'
import { Journal } from '../../../lib/resilience/journal/journal.js'
import type { JournalSettings } from '../../../lib/resilience/journal/journal-entry.interface.js'
import { runWorker } from '../../support/run-worker.js'
import type { JournalOpenerOutput } from '../../support/workers/journal-opener.js'

describe('Journal', () => {
  let folder: string
  let directory: string
  let journal: Journal
  let folders = 0

  const journalIn = (settings: Partial<JournalSettings> = {}): Journal =>
    new Journal({ directory, maxBytes: 1_000_000, maxAge: 60_000, ...settings })
  const add = (session: string, text: string, at = 1_000): Promise<number> =>
    journal.add({ session, operationId: `operation of ${text}`, at, text })
  const textsOf = async (session: string): Promise<string[]> =>
    (await journal.entriesOf(session)).map((entry) => entry.text)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  beforeEach(async () => {
    directory = join(folder, 'not', 'yet', 'there', String(++folders))
    journal = journalIn()
    await journal.open()
  })
  afterEach(() => journal.close())

  it('creates its directory for its own user only', async () => {
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  })

  it('keeps the entries of each session in the order of the calls', async () => {
    const added = Array.from({ length: 100 }, (_, number) => add(number % 2 === 0 ? 'even' : 'odd', String(number)))
    const ids = await Promise.all(added)
    expect(ids).toEqual(ids.toSorted((one, other) => one - other))
    const evens = await journal.entriesOf('even')
    expect(evens.map(({ text }) => Number(text))).toEqual(Array.from({ length: 50 }, (_, number) => 2 * number))
    expect(evens[1]).toEqual({
      id: ids[2],
      session: 'even',
      operationId: 'operation of 2',
      at: 1_000,
      text: '2',
    })
    expect(await journal.entriesOf('even', 3)).toEqual(evens.slice(0, 3))
    expect(journal.sessions()).toEqual(['even', 'odd'])
    expect(await journal.entriesOf('neither')).toEqual([])
  })

  it('has them all when it is opened again, and goes on behind them', async () => {
    const ids = [await add('s', 'one'), await add('s', 'two')]
    const before = journal.status()
    await journal.close()
    journal = journalIn()
    await journal.open()
    expect(journal.status()).toEqual(before)
    expect(await textsOf('s')).toEqual(['one', 'two'])
    expect(await add('s', 'three')).toBeGreaterThan(ids[1]!)
    expect(await textsOf('s')).toEqual(['one', 'two', 'three'])
  })

  it('does not give an id again, even when all entries are gone', async () => {
    const last = await add('s', 'one')
    await journal.remove([last])
    await journal.close()
    await journal.open()
    expect(await add('s', 'two')).toBeGreaterThan(last)
  })

  it('takes any text for a session and a payload', async () => {
    const session = 'am:{memory:~:s:é\n"💥\u0000} e0000000000000001'
    const text = `"'\\\n\u0000\u2028 💥 \ud800 ${'long '.repeat(50_000)}`
    await add(session, text)
    await journal.close()
    await journal.open()
    expect(journal.sessions()).toEqual([session])
    expect(await textsOf(session)).toEqual([text])
  })

  it('knows a session from the call of add on', async () => {
    const added = add('s', 'one')
    expect(journal.has('s')).toBe(true)
    expect(await textsOf('s')).toEqual(['one'])
    await journal.remove([await added])
    expect(journal.has('s')).toBe(false)
    expect(journal.sessions()).toEqual([])
  })

  it('removes entries, also for the next start', async () => {
    const [one, two, three] = await Promise.all([add('s', 'one'), add('s', 'two'), add('s', 'three')])
    await journal.remove([one, three, 999])
    expect(await textsOf('s')).toEqual(['two'])
    await journal.close()
    await journal.open()
    expect(await textsOf('s')).toEqual(['two'])
    expect(journal.status()).toMatchObject({ entries: 1, aside: 0 })
    await journal.remove([two, two])
    expect(journal.status()).toEqual({ entries: 0, bytes: 0, oldestAt: undefined, aside: 0, failed: false })
  })

  it('keeps what is set aside until it is dropped', async () => {
    const [one, two] = await Promise.all([add('s', 'one'), add('s', 'two')])
    const before = Date.now()
    await journal.setAside(one, 'older than maxAge')
    await journal.setAside(999, 'unknown')
    expect(await textsOf('s')).toEqual(['two'])
    const { bytes } = journal.status()
    await journal.close()
    await journal.open()
    expect(await textsOf('s')).toEqual(['two'])
    expect(journal.status()).toMatchObject({ entries: 1, aside: 1, bytes })
    const [entry, ...others] = await journal.asideEntries()
    expect(others).toEqual([])
    expect(entry).toMatchObject({ id: one, session: 's', text: 'one', at: 1_000, reason: 'older than maxAge' })
    expect(entry?.asideAt).toBeGreaterThanOrEqual(before)
    await journal.dropAside([one, two])
    expect(await journal.asideEntries()).toEqual([])
    expect(await textsOf('s')).toEqual(['two'])
    await journal.close()
    await journal.open()
    expect(journal.status()).toMatchObject({ entries: 1, aside: 0 })
  })

  it('says what it holds', async () => {
    await add('s', 'one', 5_000)
    await add('t', 'two', 7_000)
    expect(journal.status()).toMatchObject({ entries: 2, oldestAt: 5_000, aside: 0, failed: false })
    expect(journal.status().bytes).toBeGreaterThan(2 * 'operation of one'.length)
  })

  it('names the entries that are outdated', async () => {
    const old = await add('s', 'one', 1_000)
    await add('s', 'two', 1_001)
    expect(journal.outdated(61_001)).toEqual([old])
  })

  it('refuses what would pass its cap, and takes it when there is room', async () => {
    await journal.close()
    journal = journalIn({ maxBytes: 3_000 })
    await journal.open()
    const text = 'x'.repeat(1_000)
    const results = await Promise.allSettled([add('s', text), add('s', text), add('s', text)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const { reason } = results[1] as PromiseRejectedResult
    expect(reason).toBeInstanceOf(MemoryFullError)
    expect(reason).toMatchObject({ code: 'JOURNAL_FULL', executed: 'no', operationId: `operation of ${text}` })
    expect(String(reason)).not.toContain('xxx')
    expect(journal.status()).toMatchObject({ entries: 1, failed: false })
    await journal.remove([(results[0] as PromiseFulfilledResult<number>).value])
    await add('s', text)
    expect(await textsOf('s')).toEqual([text])
  })

  describe('in use', () => {
    let opener: () => Promise<JournalOpenerOutput>

    beforeEach(() => {
      opener = () => runWorker('journal-opener', { directory })
    })

    it('is refused to another process, and given to it when it is closed', async () => {
      expect(await opener()).toMatchObject({
        name: 'MemoryConfigError',
        path: 'resilience.journal.directory',
        message: expect.stringContaining('a directory of its own for each process'),
      })
      await journal.close()
      expect(await opener()).toEqual({})
    })

    it('is refused to the same process under any name, and stays locked to others', async () => {
      const link = join(folder, `link-${folders}`)
      await symlink(directory, link)
      for (const name of [directory, join(directory, '..', String(folders)), link]) {
        const second = journalIn({ directory: name })
        await expect(second.open()).rejects.toThrow(MemoryConfigError)
        await expect(second.open()).rejects.toThrow('a directory that this process has open')
        await second.close()
      }
      expect(await opener()).toMatchObject({ name: 'MemoryConfigError' })
      await add('s', 'one')
      expect(await textsOf('s')).toEqual(['one'])
    })

    it('may be opened twice by one journal', async () => {
      await add('s', 'one')
      await journal.open()
      expect(await textsOf('s')).toEqual(['one'])
    })
  })

  it('answers nothing when it is closed', async () => {
    await journal.close()
    await journal.close()
    await expect(add('s', 'one')).rejects.toThrow(MemoryShutdownError)
    await expect(journal.entriesOf('s')).rejects.toThrow(MemoryShutdownError)
    expect(() => journal.status()).toThrow(MemoryShutdownError)
  })

  it('writes what is on its way before it closes', async () => {
    const added = [add('s', 'one'), add('s', 'two')]
    await journal.close()
    await Promise.all(added)
    await journal.open()
    expect(await textsOf('s')).toEqual(['one', 'two'])
  })

  it('says that the directory cannot be used', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const unusable of [file, join(file, 'below')]) {
      const error: unknown = await journalIn({ directory: unusable })
        .open()
        .catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(MemoryConfigError)
      expect(error).toMatchObject({ path: 'resilience.journal.directory' })
    }
  })

  it('says what to install when classic-level is missing', async () => {
    const error = await runWorker<JournalOpenerOutput>('journal-without-level', { directory: join(folder, 'other') })
    expect(error).toMatchObject({ name: 'MemoryConfigError', path: 'resilience.journal' })
    expect(error.message).toContain('npm install classic-level')
  })
})
