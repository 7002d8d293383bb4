import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Journal } from '../../../lib/resilience/journal/journal.js'

describe('a journal that is written to without a pause', () => {
  let directory: string
  let journal: Journal
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-memory-journal-'))
    journal = new Journal({ directory, maxBytes: 100_000_000, maxAge: 100_000 })
    await journal.open()
  })
  afterEach(async () => {
    await journal.close()
    await rm(directory, { recursive: true })
  })

  it('gives the entries of a session meanwhile', async () => {
    const add = (session: string): Promise<number> => journal.add({ session, operationId: 'one', at: 0, text: 'text' })
    await add('asked')
    const asked = new AbortController()
    const adding: Promise<number>[] = []
    const end = Date.now() + 2_000
    const write = async (): Promise<void> => {
      while (!asked.signal.aborted && Date.now() < end) {
        adding.push(add('busy'))
        await nextTurn()
      }
    }
    const writing = write()
    const entries = await journal.entriesOf('asked')
    const askedAt = Date.now()
    asked.abort()
    await writing
    await Promise.all(adding)
    expect(entries).toHaveLength(1)
    expect(askedAt).toBeLessThan(end)
    expect(adding.length).toBeGreaterThan(1)
  })
})
