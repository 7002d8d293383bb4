import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ClassicLevel } from 'classic-level'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Commits } from '../../../lib/resilience/journal/commits.js'
import { LedgerCount } from '../../../lib/resilience/journal/ledger.js'
import type { Level, LevelOperation } from '../../../lib/resilience/journal/level.interface.js'
import { Witness } from '../../../lib/resilience/journal/witness.js'

const put = (key: string): LevelOperation[] => [{ type: 'put', key, value: 'value' }]

describe('Commits', () => {
  let directory: string
  let database: ClassicLevel
  let witness: Witness
  let batches: { readonly keys: string[]; readonly sync: boolean }[]
  let commits: Commits

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'journal-commits-'))
    database = new ClassicLevel(directory)
    await database.open()
    witness = await Witness.open(directory)
    batches = []
    /** The real database, and a look at what it is told: only a power failure shows whether that was forced to disk. */
    const watched: Pick<Level, 'batch'> = {
      batch: (operations: LevelOperation[], options) => {
        batches.push({ keys: operations.map(({ key }) => key), sync: options.sync })
        return database.batch(operations, options)
      },
    }
    commits = new Commits(watched as Level, witness, new LedgerCount())
  })
  afterEach(async () => {
    await database.close()
    await witness.close()
    await rm(directory, { recursive: true })
  })

  it('forces entries to disk, and leaves removals to the system', async () => {
    await commits.add(put('entry'), 1)
    await commits.add([{ type: 'del', key: 'entry' }])
    await Promise.all([commits.add([{ type: 'del', key: 'entry' }]), commits.add(put('other'), 2)])
    expect(batches).toEqual([
      { keys: ['entry', 'ledger'], sync: true },
      { keys: ['entry', 'ledger'], sync: false },
      { keys: ['entry', 'other', 'ledger'], sync: true },
    ])
    expect(await Witness.read(directory)).toBe(2)
  })

  it('writes in the order of the calls, one batch at a time with all that came in meanwhile', async () => {
    const settled: number[] = []
    const add = (number: number): Promise<void> =>
      commits.add(put(String(number)), number).then(() => void settled.push(number))
    const numbers = Array.from({ length: 100 }, (_, number) => number)
    const first = numbers.slice(0, 10).map(add)
    await Promise.resolve()
    const second = numbers.slice(10).map(add)
    await Promise.all([...first, ...second])
    expect(batches.map(({ keys }) => keys.length - 1)).toEqual([10, 90])
    expect(settled).toEqual(numbers)
  })

  it('writes nothing any more after a failure', async () => {
    await commits.add(put('one'), 1)
    await database.close()
    const results = await Promise.allSettled([commits.add(put('two'), 2), commits.add(put('three'), 3)])
    expect(results).toMatchObject([{ reason: { executed: 'unknown' } }, { reason: { executed: 'unknown' } }])
    await database.open()
    await expect(commits.add(put('four'), 4)).rejects.toMatchObject({ code: 'JOURNAL_FULL', executed: 'no' })
    expect(() => commits.check()).toThrow('The journal cannot be written')
    expect(batches).toHaveLength(2)
    expect(await database.keys().all()).toEqual(['ledger', 'one'])
  })
})
