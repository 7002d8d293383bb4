import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { MemoryCorruptError } from '../../../lib/errors/memory-corrupt.error.js'
import { Journal } from '../../../lib/resilience/journal/journal.js'
import { runTypeScript } from '../../support/run-typescript.js'

const SESSIONS = ['a', 'b', 'c']

const journalIn = (directory: string): Journal => new Journal({ directory, maxBytes: 1_000_000_000, maxAge: 60_000 })

/** Opens, reads all, and closes. */
const operationsIn = async (directory: string): Promise<string[]> => {
  const journal = journalIn(directory)
  await journal.open()
  try {
    const entries = await Promise.all(SESSIONS.map((session) => journal.entriesOf(session)))
    return entries.flat().map(({ operationId }) => operationId)
  } finally {
    await journal.close()
  }
}

const newestLogOf = async (directory: string): Promise<string> => {
  const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'))
  return join(directory, logs.toSorted().at(-1)!)
}

const add = (journal: Journal, number: number): Promise<number> =>
  journal.add({
    session: SESSIONS[number % SESSIONS.length]!,
    operationId: `operation-${number}`,
    at: number,
    text: `text ${number} `.repeat(20),
  })

/** What is in it, or why it does not open. */
const opening = async (directory: string): Promise<string[] | Error> => {
  try {
    return await operationsIn(directory)
  } catch (error) {
    return error as Error
  }
}

describe('Journal after kill -9', () => {
  const ROUNDS = 12
  const directory = join(tmpdir(), `journal-killed-${process.pid}`)
  const acknowledged: string[] = []

  /** Kills the writer with the given number of acknowledged entries, while more are on their way. */
  const killed = async (round: number, after: number): Promise<void> => {
    const { child, ended } = runTypeScript('test/support/workers/journal-adder.ts', {
      JOURNAL_ADDER: JSON.stringify({ directory, round }),
    })
    let count = 0
    createInterface({ input: child.stdout }).on('line', (line) => {
      acknowledged.push(line)
      if (++count === after) child.kill('SIGKILL')
    })
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: null, stderr: '' })
  }

  afterAll(() => rm(directory, { recursive: true, force: true }))

  it(`has every acknowledged entry once and in order, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const before = acknowledged.length
      const after = 1 + Math.floor(Math.random() * 400)
      await killed(round, after)
      expect(acknowledged.length - before).toBeGreaterThanOrEqual(after)
      const journal = journalIn(directory)
      await journal.open()
      const found = new Set<string>()
      for (const session of SESSIONS) {
        const entries = await journal.entriesOf(session)
        const places = entries.map(({ operationId }) => operationId.split('/').map(Number))
        const inOrder = places.toSorted((one, other) => one[0]! - other[0]! || one[2]! - other[2]!)
        expect(places).toEqual(inOrder)
        for (const { operationId, text } of entries) {
          expect(text).toBe(operationId.repeat(1 + (Number(operationId.split('/')[2]) % 200)))
          found.add(operationId)
        }
      }
      expect(found.size).toBe(journal.status().entries)
      expect(acknowledged.filter((operationId) => !found.has(operationId))).toEqual([])
      await journal.close()
    }
  }, 60_000)
})

describe('Journal on a damaged directory', () => {
  const COUNT = 30
  let folder: string
  let copies = 0

  /** As a crash would leave it: entries in the log, and in a table where it was opened before. */
  const image = (name: 'inLog' | 'inTable'): string => join(folder, name)

  const copyOf = async (name: 'inLog' | 'inTable' | 'oneMore'): Promise<string> => {
    const copy = join(folder, `copy-${++copies}`)
    await cp(join(folder, name), copy, { recursive: true })
    return copy
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-damaged-'))
    const directory = join(folder, 'live')
    const journal = journalIn(directory)
    await journal.open()
    for (let number = 0; number < COUNT; number++) await add(journal, number)
    await cp(directory, image('inLog'), { recursive: true })
    await add(journal, COUNT)
    await cp(directory, join(folder, 'oneMore'), { recursive: true })
    await journal.close()
    await journal.open()
    await cp(directory, image('inTable'), { recursive: true })
    await journal.close()
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('has all entries when nothing is damaged', async () => {
    expect(await operationsIn(await copyOf('inLog'))).toHaveLength(COUNT)
    expect(await operationsIn(await copyOf('inTable'))).toHaveLength(COUNT + 1)
  })

  it.each([1, 3, 100])('drops an entry that was cut off by %s bytes before it was acknowledged', async (bytes) => {
    const directory = await copyOf('inLog')
    const log = await newestLogOf(directory)
    const longer = await readFile(await newestLogOf(join(folder, 'oneMore')))
    const whole = (await readFile(log)).length
    expect(longer.length - whole).toBeGreaterThan(bytes)
    await writeFile(log, longer.subarray(0, -bytes))
    expect(await operationsIn(directory)).toHaveLength(COUNT)
    const journal = journalIn(directory)
    await journal.open()
    await add(journal, COUNT)
    await journal.close()
    expect(await operationsIn(directory)).toHaveLength(COUNT + 1)
  })

  it.each([
    ['a few bytes', Buffer.from('cut off')],
    ['many bytes', Buffer.alloc(3_000, 'garbage')],
    ['zeros', Buffer.alloc(70_000)],
  ])('drops %s behind the last entry', async (_, garbage) => {
    const directory = await copyOf('inLog')
    await writeFile(await newestLogOf(directory), garbage, { flag: 'a' })
    expect(await operationsIn(directory)).toHaveLength(COUNT)
  })

  it('says so when the end of an acknowledged entry is cut off', async () => {
    const directory = await copyOf('inLog')
    const log = await newestLogOf(directory)
    await truncate(log, (await readFile(log)).length - 3)
    const error = await opening(directory)
    expect(error).toBeInstanceOf(MemoryCorruptError)
    expect(String(error)).toContain(`it ends at entry ${COUNT - 1}, and entry ${COUNT} was acknowledged`)
    expect(String(error)).toContain('move resilience.journal.directory away and keep it')
  })

  it('goes on saying so, and keeps the log that could not be read', async () => {
    const directory = await copyOf('inLog')
    const log = await newestLogOf(directory)
    const content = await readFile(log)
    content[200]! ^= 1
    await writeFile(log, content)
    for (let start = 0; start < 3; start++) expect(await opening(directory)).toBeInstanceOf(MemoryCorruptError)
    expect(await readFile(join(directory, 'unread-logs', log.split('/').at(-1)!))).toEqual(content)
  })

  it('never takes a flipped bit of the log or the manifest for a smaller journal', async () => {
    const outcomes: (string | number)[] = []
    const log = await newestLogOf(image('inLog'))
    const manifest = (await readdir(image('inLog'))).find((name) => name.startsWith('MANIFEST'))!
    for (const path of [log, join(image('inLog'), manifest)]) {
      const name = path.split('/').at(-1)!
      const content = await readFile(path)
      const step = Math.ceil(content.length / 25)
      for (let at = Math.floor(Math.random() * step); at < content.length; at += step) {
        const directory = await copyOf('inLog')
        const flipped = Buffer.from(content)
        flipped[at]! ^= 1 << (at % 8)
        await writeFile(join(directory, name), flipped)
        const found = await opening(directory)
        outcomes.push(Array.isArray(found) ? found.length : found.name)
        await rm(directory, { recursive: true })
      }
    }
    expect(outcomes.filter((outcome) => outcome !== 'MemoryCorruptError' && outcome !== COUNT)).toEqual([])
    expect(outcomes.filter((outcome) => outcome === 'MemoryCorruptError').length).toBeGreaterThan(30)
  })

  it('says so when entries in the middle are gone', async () => {
    const directory = join(folder, `hole-${++copies}`)
    const live = journalIn(join(folder, 'long'))
    await live.open()
    for (let number = 0; number < COUNT; number++) {
      await live.add({ session: 'a', operationId: `operation-${number}`, at: number, text: 'x'.repeat(4_000) })
    }
    await cp(join(folder, 'long'), directory, { recursive: true })
    await live.close()
    const log = await newestLogOf(directory)
    const content = await readFile(log)
    // LevelDB passes over the rest of a block of 32 KiB, and goes on with the next.
    expect(content.length).toBeGreaterThan(3 * 32_768)
    content[10_000]! ^= 1
    await writeFile(log, content)
    expect(String(await opening(directory))).toContain(`records that are not the ${COUNT} of its ledger`)
  })

  it('says so when a record of a table is garbled', async () => {
    const directory = await copyOf('inTable')
    const table = (await readdir(directory)).find((name) => name.endsWith('.ldb'))!
    const content = await readFile(join(directory, table))
    // In the text of an entry: LevelDB reads it without a check.
    const at = content.indexOf('operation-0')
    expect(at).toBeGreaterThan(0)
    content[at] = 'O'.charCodeAt(0)
    await writeFile(join(directory, table), content)
    const error = await opening(directory)
    expect(error).toBeInstanceOf(MemoryCorruptError)
    expect(String(error)).not.toContain('peration-0')
  })

  it.each(['CURRENT', 'MANIFEST-', '.log', '.ldb'])('says so when a file is missing: %s', async (part) => {
    const directory = await copyOf(part === '.ldb' ? 'inTable' : 'inLog')
    const names = (await readdir(directory)).filter((name) => name.includes(part))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) await rm(join(directory, name))
    for (let start = 0; start < 2; start++) expect(await opening(directory)).toBeInstanceOf(MemoryCorruptError)
    // Nothing was made anew in its place.
    expect(await readdir(directory)).not.toContainEqual(part === 'CURRENT' ? 'CURRENT' : '')
  })

  it('does without the file that says what was acknowledged', async () => {
    for (const damage of [
      (path: string) => rm(path),
      (path: string) => writeFile(path, ''),
      (path: string) => writeFile(path, 'x'.repeat(32)),
    ]) {
      const directory = await copyOf('inLog')
      await damage(join(directory, 'acknowledged'))
      expect(await operationsIn(directory)).toHaveLength(COUNT)
    }
  })
})
