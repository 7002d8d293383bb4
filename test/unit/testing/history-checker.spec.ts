import { EventEmitter, once } from 'node:events'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { HistoryChecker, type Entry, type FindingKind, type HistoryReport } from 'nestjs-agent-memory/testing'

const stored = () => Promise.resolve({ stored: 'redis' })
const rejected = (executed?: 'no' | 'yes' | 'unknown') => () =>
  Promise.reject(Object.assign(new Error('it failed'), executed === undefined ? {} : { executed }))

const KINDS: readonly FindingKind[] = [
  'hung',
  'lost',
  'doubled',
  'reordered',
  'garbled',
  'phantom',
  'staleAsFresh',
  'resurrected',
]

/** What was found, as `lost a`. */
const found = (report: HistoryReport): string[] =>
  KINDS.flatMap((kind) => report[kind].map(({ id }) => `${kind} ${id ?? '-'}`))

let checker: HistoryChecker

const write = (id: string, call: () => Promise<unknown> = stored, writer = 'w', content?: string): Promise<unknown> =>
  checker.write({ writer, session: 's', id, content }, call).catch(() => undefined)

const assign = (value: string, call: () => Promise<unknown> = stored, writer = 'w'): Promise<unknown> =>
  checker.assign({ writer, session: 's', field: 'f', value }, call).catch(() => undefined)

const clear = (call: () => Promise<unknown> = stored, id = 'clear'): Promise<unknown> =>
  checker.clear({ writer: 'w', session: 's', id }, call).catch(() => undefined)

const read = (entries: readonly Entry[], of: 'all' | 'newest' = 'all', stale = false): Promise<unknown> =>
  checker.read(
    { session: 's', of },
    () => Promise.resolve({ stale }),
    () => entries,
  )

const readField = (value: string | undefined, stale = false): Promise<unknown> =>
  checker.readField(
    { session: 's', field: 'f' },
    () => Promise.resolve({ stale }),
    () => value,
  )

const verify = (entries: readonly Entry[], field?: string): HistoryReport =>
  checker.verify(Object.entries({ s: { entries, fields: { f: field } } }))

/** A promise and what settles it. */
const gate = () => {
  const opened = new EventEmitter()
  const answer = once(opened, 'open').then(() => ({ stored: 'redis' }))
  return { call: () => answer, open: () => opened.emit('open') }
}

beforeEach(() => {
  checker = new HistoryChecker({ settlesWithin: 40 })
})

describe('HistoryChecker, a log', () => {
  it('finds nothing in a history as it should be, and counts it', async () => {
    await write('a', stored, 'w', 'text')
    await write('b', rejected('no'))
    await write('c', rejected('unknown'))
    await write('c')
    await read([{ id: 'a', content: 'text' }, 'c'])
    const report = verify([{ id: 'a', content: 'text' }, 'c'])
    expect(found(report)).toEqual([])
    expect(report).toMatchObject({
      calls: 5,
      writes: 3,
      acknowledged: 2,
      refused: 1,
      unknown: 0,
      reads: 1,
      clean: true,
    })
    report.expectClean()
  })

  it('settles as the call does', async () => {
    await expect(checker.write({ writer: 'w', session: 's', id: 'a' }, () => Promise.resolve(7))).resolves.toBe(7)
    const error = new Error('as it was')
    await expect(checker.write({ writer: 'w', session: 's', id: 'b' }, () => Promise.reject(error))).rejects.toBe(error)
    await expect(
      checker.write({ writer: 'w', session: 's', id: 'c' }, () => {
        throw error
      }),
    ).rejects.toBe(error)
  })

  it('finds an acknowledged write that is gone', async () => {
    await write('a')
    await write('b')
    expect(found(verify(['a']))).toEqual(['lost b'])
  })

  it('takes a session that is not named for empty', async () => {
    await write('a')
    expect(found(checker.verify([]))).toEqual(['lost a'])
  })

  it('finds a write lost of which the error said that it was executed', async () => {
    await write('a', rejected('yes'))
    expect(found(verify([]))).toEqual(['lost a'])
  })

  it('finds a write lost that was not acknowledged, but read', async () => {
    await write('a', rejected('unknown'))
    await read(['a'])
    expect(found(verify([]))).toEqual(['lost a'])
  })

  it('lets a write of which nothing is known be there or not, but once', async () => {
    await write('a', rejected('unknown'))
    await write('b', rejected())
    expect(found(verify([]))).toEqual([])
    expect(found(verify(['b', 'a']))).toEqual([])
    expect(found(verify(['a', 'b', 'a']))).toEqual(['doubled a'])
  })

  it('finds what stands there twice, and what a read showed twice', async () => {
    await write('a')
    await write('b')
    expect(found(verify(['a', 'b', 'b', 'b']))).toEqual(['doubled b'])
    await read(['a', 'a', 'b'])
    expect(found(verify(['a', 'b']))).toEqual(['doubled a'])
  })

  it('finds writes of one writer in another order than they were called in', async () => {
    await write('a')
    await write('b')
    await write('c')
    expect(found(verify(['b', 'c', 'a']))).toEqual(['reordered a'])
    expect(found(verify(['a', 'c', 'b']))).toEqual(['reordered b'])
  })

  it('finds it also of calls that did not wait for each other', async () => {
    const first = gate()
    const pending = write('a', first.call)
    await write('b')
    first.open()
    await pending
    expect(found(verify(['b', 'a']))).toEqual(['reordered a'])
  })

  it('says nothing of the order of two writers', async () => {
    await write('a', stored, 'one')
    await write('b', stored, 'two')
    expect(found(verify(['b', 'a']))).toEqual([])
  })

  it('lets a write that was repeated stand anywhere between its attempts, and not behind them', async () => {
    await write('a', rejected('unknown'))
    await write('b')
    await write('a')
    await write('c')
    expect(found(verify(['a', 'b', 'c']))).toEqual([])
    expect(found(verify(['b', 'a', 'c']))).toEqual([])
    expect(found(verify(['b', 'c', 'a']))).toEqual(['reordered a'])
  })

  it('does not let a repeat after the acknowledgement excuse another place', async () => {
    await write('a')
    await write('b')
    await write('a')
    expect(found(verify(['b', 'a']))).toEqual(['reordered a'])
  })

  it('finds another content, in the end and in a read', async () => {
    await write('a', stored, 'w', 'text')
    expect(found(verify([{ id: 'a', content: 'tex' }]))).toEqual(['garbled a'])
    await read([{ id: 'a', content: 'text text' }])
    expect(found(verify([{ id: 'a', content: 'text' }]))).toEqual(['garbled a'])
  })

  it('finds a write there that was refused each time', async () => {
    await write('a', rejected('no'))
    await write('a', rejected('no'))
    expect(found(verify(['a']))).toEqual(['phantom a'])
  })

  it('finds that it was there for a while', async () => {
    await write('a', rejected('no'))
    await read(['a'])
    expect(found(verify([]))).toEqual(['phantom a'])
  })

  it('does not call a write refused that may have been executed in another attempt', async () => {
    await write('a', rejected('unknown'))
    await write('a', rejected('no'))
    expect(verify(['a'])).toMatchObject({ unknown: 1, refused: 0, clean: true })
  })

  it('finds what nobody wrote', async () => {
    await read(['x'])
    expect(found(verify(['y']))).toEqual(expect.arrayContaining(['phantom x', 'phantom y']))
  })

  it('finds a call that does not settle, lets its caller go on, and takes its write for unknown', async () => {
    const never = gate()
    const hung = checker.write({ writer: 'w', session: 's', id: 'a' }, never.call)
    await expect(hung).rejects.toThrow('did not settle within 40 ms')
    const hungRead = checker.read('s', never.call, () => [])
    await expect(hungRead).rejects.toThrow('did not settle within 40 ms')
    const report = verify([])
    expect(found(report)).toEqual(['hung a', 'hung -'])
    expect(report.unknown).toBe(1)
  })

  it('counts a write that is on its way as unknown', () => {
    void write('a', gate().call)
    expect(verify([])).toMatchObject({ unknown: 1, clean: true })
  })

  it('refuses an id for two writes', async () => {
    await write('a', stored, 'w', 'one')
    await expect(checker.write({ writer: 'v', session: 's', id: 'a', content: 'one' }, stored)).rejects.toThrow(
      'unique',
    )
    await expect(checker.write({ writer: 'w', session: 's', id: 'a', content: 'two' }, stored)).rejects.toThrow(
      'unique',
    )
    expect(found(verify(['a']))).toEqual([])
  })
})

describe('HistoryChecker, reads of a log', () => {
  it('finds a read without what had been acknowledged before it began', async () => {
    await write('a')
    await write('b')
    await read(['a'])
    expect(found(verify(['a', 'b']))).toEqual(['staleAsFresh b'])
  })

  it('finds an empty memory', async () => {
    await write('a')
    await read([])
    await read([], 'newest')
    expect(found(verify(['a']))).toEqual(['staleAsFresh a'])
  })

  it('finds a gap', async () => {
    for (const id of ['a', 'b', 'c']) await write(id)
    await read(['a', 'c'])
    expect(found(verify(['a', 'b', 'c']))).toEqual(['staleAsFresh b'])
  })

  it('finds a gap at the beginning of all, which is none of the newest', async () => {
    for (const id of ['a', 'b', 'c']) await write(id)
    await read(['b', 'c'], 'newest')
    expect(found(verify(['a', 'b', 'c']))).toEqual([])
    await read(['b', 'c'])
    expect(found(verify(['a', 'b', 'c']))).toEqual(['staleAsFresh a'])
  })

  it('lets a read that says it is stale be old', async () => {
    await write('a')
    await read([], 'all', true)
    expect(found(verify(['a']))).toEqual([])
  })

  it('asks nothing of a read about writes that were on their way', async () => {
    const first = gate()
    const pending = write('a', first.call)
    await read([])
    const reading = gate()
    const read2 = checker.read('s', reading.call, () => [])
    first.open()
    await pending
    reading.open()
    await read2
    expect(found(verify(['a']))).toEqual([])
  })

  it('asks nothing of it about what is journaled, which has to be there in the end', async () => {
    await write('a', () => Promise.resolve({ stored: 'journal' }))
    await read([])
    expect(found(verify(['a']))).toEqual([])
    expect(found(verify([]))).toEqual(['lost a'])
  })

  it('finds that a read showed another order', async () => {
    await write('a', stored, 'one')
    await write('b', stored, 'two')
    await read(['b', 'a'])
    expect(found(verify(['a', 'b']))).toEqual(expect.arrayContaining(['reordered a']))
  })

  it('does not count a read that fails', async () => {
    await expect(checker.read('s', rejected('no'), () => [])).rejects.toThrow('it failed')
    expect(verify([])).toMatchObject({ calls: 1, reads: 0, clean: true })
  })
})

describe('HistoryChecker, clearing', () => {
  it('lets what was there before be gone, and finds it there again', async () => {
    await write('a')
    await clear()
    await write('b')
    expect(found(verify(['b']))).toEqual([])
    expect(found(verify(['a', 'b']))).toEqual(['resurrected a'])
  })

  it('finds a read that shows it', async () => {
    await write('a')
    await read(['a'])
    await clear()
    expect(found(verify([]))).toEqual([])
    await read(['a'])
    expect(found(verify([]))).toEqual(['resurrected a'])
  })

  it('finds lost what was written after it', async () => {
    await clear()
    await write('a')
    expect(found(verify([]))).toEqual(['lost a'])
  })

  it('asks nothing when it may or may not have been done, or when the write was on its way', async () => {
    await write('a')
    await clear(rejected('unknown'))
    await write('b')
    expect(found(verify(['a', 'b']))).toEqual([])
    expect(found(verify([]))).toEqual([])
  })

  it('excuses nothing when it was refused', async () => {
    await write('a')
    await clear(rejected('no'))
    expect(found(verify([]))).toEqual(['lost a'])
  })

  it('holds for fields as well', async () => {
    await assign('1')
    await clear()
    expect(found(verify([]))).toEqual([])
    expect(found(verify([], '1'))).toEqual(['resurrected f=1'])
  })
})

describe('HistoryChecker, fields', () => {
  it('finds nothing when the last value stands, or a later one of which nothing is known', async () => {
    await assign('1')
    await readField('1')
    await assign('2')
    await assign('3', rejected('unknown'))
    await assign('4', rejected('no'))
    expect(found(verify([], '2'))).toEqual([])
    expect(found(verify([], '3'))).toEqual([])
  })

  it('finds an older value', async () => {
    await assign('1')
    await assign('2')
    expect(found(verify([], '1'))).toEqual(['lost f=2', 'resurrected f=1'])
  })

  it('finds an older value of which nothing was known, executed late', async () => {
    await assign('1', rejected('unknown'))
    await assign('2')
    expect(found(verify([], '1'))).toEqual(['lost f=2', 'resurrected f=1'])
  })

  it('finds none', async () => {
    await assign('1')
    expect(found(verify([]))).toEqual(['lost f=1'])
  })

  it('finds a value that was refused, and one that nobody wrote', async () => {
    await assign('1', rejected('no'))
    expect(found(verify([], '1'))).toEqual(['phantom f=1'])
    expect(found(verify([], '9'))).toEqual(['phantom f=9'])
  })

  it('lets either of two writers win who wrote at the same time', async () => {
    const first = gate()
    const pending = assign('1', first.call, 'one')
    await assign('2', stored, 'two')
    first.open()
    await pending
    expect(found(verify([], '1'))).toEqual([])
    expect(found(verify([], '2'))).toEqual([])
  })

  it('holds one writer to the order of its calls', async () => {
    const first = gate()
    const pending = assign('1', first.call)
    await assign('2')
    first.open()
    await pending
    expect(found(verify([], '1'))).toEqual(['lost f=2', 'resurrected f=1'])
  })

  it('finds a read of an older value, and of none', async () => {
    await assign('1')
    await assign('2')
    await readField('1')
    expect(found(verify([], '2'))).toEqual(['staleAsFresh f=2'])
    await assign('3')
    await readField(undefined)
    expect(found(verify([], '3'))).toEqual(['staleAsFresh f=2', 'staleAsFresh f=3'])
  })

  it('lets a read that says it is stale be old', async () => {
    await assign('1')
    await readField(undefined, true)
    expect(found(verify([], '1'))).toEqual([])
  })

  it('finds a read of a value that was refused, and of one that nobody wrote', async () => {
    await assign('1', rejected('no'))
    await readField('1')
    await readField('9')
    expect(found(verify([]))).toEqual(['phantom f=1', 'phantom f=9'].toSorted(byEnd))
  })
})

const byEnd = (left: string, right: string): number => left.at(-1)!.localeCompare(right.at(-1)!)

describe('HistoryReport', () => {
  it('throws with a table and the findings, the first ten of each kind', async () => {
    for (let number = 1; number <= 12; number++) await write(`id-${number}`)
    const report = verify([])
    expect(() => report.expectClean()).toThrow(/not clean[^]*lost +12\n[^]*lost:\n[^]*id-10, by w[^]*and 2 more/)
    expect(report.toString()).not.toContain('id-11')
  })
})
