import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { HistoryChecker, type FindingKind, type HistoryReport } from 'nestjs-agent-memory/testing'

type Fate = 'answered' | 'reply lost' | 'never arrived' | 'refused'

interface Step {
  /** How the attempts at one write end, until one is answered. */
  readonly fates: readonly Fate[]
  /** How long each part takes, in turns of the event loop. */
  readonly delays: readonly [before: number, after: number]
  readonly reads: 'all' | 'newest' | undefined
}

const fate = fc.constantFrom<Fate>('answered', 'answered', 'reply lost', 'never arrived', 'refused')
const delay = fc.nat(3)
const step: fc.Arbitrary<Step> = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 3 }),
  delays: fc.tuple(delay, delay),
  reads: fc.constantFrom('all', 'newest', undefined),
})
const writers = fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 4 })

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

class Refusal extends Error {
  constructor(readonly executed: 'no' | 'unknown') {
    super('it failed')
  }
}

/** A memory as it should be: every id once, in the order of arrival. */
class Log {
  readonly ids: string[] = []

  async append(id: string, ends: Fate, [before, after]: Step['delays']): Promise<void> {
    await turns(before)
    if (ends === 'refused') throw new Refusal('no')
    if (ends !== 'never arrived' && !this.ids.includes(id)) this.ids.push(id)
    await turns(after)
    if (ends !== 'answered') throw new Refusal('unknown')
  }

  async read(of: 'all' | 'newest', [before, after]: Step['delays']): Promise<string[]> {
    await turns(before)
    const ids = of === 'all' ? [...this.ids] : this.ids.slice(-2)
    await turns(after)
    return ids
  }
}

const contentOf = (id: string): string => `content of ${id}`
const entryOf = (id: string) => ({ id, content: contentOf(id) })

const append = (checker: HistoryChecker, log: Log, writer: string, id: string, ends: Fate, delays: Step['delays']) =>
  checker
    .write({ writer, session: 's', id, content: contentOf(id) }, () => log.append(id, ends, delays))
    .catch(() => undefined)

const look = (checker: HistoryChecker, of: 'all' | 'newest', ids: () => Promise<string[]>) =>
  checker.read({ session: 's', of }, ids, (shown) => shown.map(entryOf))

/** Writers side by side, each one call after the other. */
const simulate = async (checker: HistoryChecker, all: readonly (readonly Step[])[]): Promise<Log> => {
  const log = new Log()
  await Promise.all(
    all.map(async (steps, number) => {
      for (const [index, { fates, delays, reads }] of steps.entries()) {
        for (const ends of fates) await append(checker, log, `w${number}`, `${number}-${index}`, ends, delays)
        if (reads !== undefined) await look(checker, reads, () => log.read(reads, delays))
      }
    }),
  )
  // Whatever came before, these are there to be damaged.
  for (const id of ['x', 'y', 'z']) await append(checker, log, 'last', id, 'answered', [0, 0])
  await append(checker, log, 'last', 'refused', 'refused', [0, 0])
  return log
}

const verify = (checker: HistoryChecker, ids: readonly string[], damaged?: string): HistoryReport =>
  checker.verify([['s', { entries: ids.map((id) => (id === damaged ? { id, content: 'damaged' } : entryOf(id))) }]])

const without = (ids: readonly string[], id: string): string[] => ids.filter((other) => other !== id)

/** One defect each, in the end or in a read. */
const defects: Record<
  string,
  { kind: FindingKind; with(checker: HistoryChecker, ids: string[]): Promise<HistoryReport> }
> = {
  'a write is lost': { kind: 'lost', with: async (checker, ids) => verify(checker, without(ids, 'y')) },
  'a write is doubled': { kind: 'doubled', with: async (checker, ids) => verify(checker, ['y', ...ids]) },
  'two writes are exchanged': {
    kind: 'reordered',
    with: async (checker, ids) => verify(checker, [...ids.slice(0, -2), 'z', 'y']),
  },
  'a content is another': { kind: 'garbled', with: async (checker, ids) => verify(checker, ids, 'y') },
  'a refused write is there': { kind: 'phantom', with: async (checker, ids) => verify(checker, [...ids, 'refused']) },
  'what nobody wrote is there': { kind: 'phantom', with: async (checker, ids) => verify(checker, [...ids, 'nobody']) },
  'a read is old': {
    kind: 'staleAsFresh',
    with: async (checker, ids) => {
      await look(checker, 'newest', () => Promise.resolve(ids.slice(-3, -1)))
      return verify(checker, ids)
    },
  },
  'a read has a gap': {
    kind: 'staleAsFresh',
    with: async (checker, ids) => {
      await look(checker, 'all', () => Promise.resolve(without(ids, 'y')))
      return verify(checker, ids)
    },
  },
  'a cleared write is back': {
    kind: 'resurrected',
    with: async (checker) => {
      await checker.clear({ writer: 'last', session: 's', id: 'clear' }, () => Promise.resolve())
      return verify(checker, ['y'])
    },
  },
}

describe('HistoryChecker, properties', () => {
  it('finds nothing in any history of a memory as it should be', async () => {
    await fc.assert(
      fc.asyncProperty(writers, async (all) => {
        const checker = new HistoryChecker()
        const log = await simulate(checker, all)
        expect(() => verify(checker, log.ids).expectClean()).not.toThrow()
      }),
      { numRuns: 300 },
    )
  })

  it.each(Object.entries(defects))('finds it in any history, when %s', async (_name, defect) => {
    await fc.assert(
      fc.asyncProperty(writers, async (all) => {
        const checker = new HistoryChecker()
        const log = await simulate(checker, all)
        const report = await defect.with(checker, log.ids)
        expect(report[defect.kind].length).toBeGreaterThan(0)
      }),
      { numRuns: 50 },
    )
  })
})
