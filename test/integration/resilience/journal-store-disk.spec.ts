import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from '../../../lib/resilience/journal/journal.js'
import { runToEnd } from '../../support/run-to-end.js'
import { workerArgs } from '../../support/typescript-args.js'
import type { JournalFillerOutput } from '../../support/workers/journal-filler.js'

/** Runs the worker in a process whose files may not grow beyond the size: the kernel refuses the write, as on a full disk. */
const fillWithin = async (kilobytes: number, directory: string): Promise<JournalFillerOutput> => {
  const worker = workerArgs('journal-filler', { directory })
  const limited = ['-c', `ulimit -f ${kilobytes} && exec "$0" "$@"`, process.execPath, ...worker]
  const { code, output } = await runToEnd('bash', limited)
  if (code !== 0) throw new Error(`the worker ended with ${code}`)
  return JSON.parse(output) as JournalFillerOutput
}

describe('Journal without room on the disk', () => {
  let directory: string
  let told: JournalFillerOutput

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'journal-full-'))
    told = await fillWithin(200, directory)
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('fails the write that the disk refused, and every later one', () => {
    expect(told.added.length).toBeGreaterThan(10)
    expect(told.refusals).toEqual([
      { name: 'MemoryFullError', code: 'JOURNAL_FULL', executed: 'unknown', message: expect.any(String) },
      { name: 'MemoryFullError', code: 'JOURNAL_FULL', executed: 'no', message: expect.any(String) },
    ])
    expect(told.refusals[0]?.message).toBe('The journal cannot be written: its disk has no room')
    expect(told.failed).toBe(true)
  })

  it('can be read all the same', () => {
    expect(told.readable).toBe(told.added.length)
  })

  it('has what it acknowledged, and takes more, when it is opened again with room', async () => {
    const journal = new Journal({ directory, maxBytes: 1_000_000_000, maxAge: 60_000 })
    await journal.open()
    const operations = async (): Promise<string[]> =>
      (await journal.entriesOf('full')).map(({ operationId }) => operationId)
    const found = await operations()
    expect(found.slice(0, told.added.length)).toEqual(told.added)
    // The one that was refused in the middle may be there as well.
    expect(found.length - told.added.length).toBeLessThanOrEqual(1)
    await journal.add({ session: 'full', operationId: 'after', at: Date.now(), text: 'x'.repeat(300_000) })
    await journal.close()
    await journal.open()
    expect(await operations()).toEqual([...found, 'after'])
    await journal.close()
  })
})
