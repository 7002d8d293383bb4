import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { CallDriver } from '../../../bench/run/call-driver.mjs'
import { failsRun } from '../../../bench/run/failure.mjs'
import { TargetProcess } from '../../../bench/run/process.mjs'
import { openProgress } from '../../../bench/run/progress.mjs'
import { type MeasuredRow, measureRounds, type Results } from '../../../bench/run/rounds.mjs'
import { summarize } from '../../../bench/run/summarize.mjs'

const MODULE = new URL('faulty-target.mjs', import.meta.url).href
const ROUNDS = 2
const BUDGET = 10
const LONG_ENOUGH = 120_000
/** The keys of a target are its own choice. */
const OWN_SERVER = { standalone: 'each target has a server', backend: 'binary' } as const

const WRONG = [
  ['append', 'loses one message', 1],
  ['append', 'loses one message of one session of eight', 8],
  // Among those that are not timed, whose sessions go before it is.
  ['append', 'loses one message once it was looked at', 1],
  ['append', 'doubles one message', 1],
  ['append', 'changes one message', 1],
  ['append', 'takes one message for that of another role', 1],
  ['last-20', 'answers with a window that is too short', 1],
  ['last-20', 'answers with the window of a moment ago', 1],
  ['last-20', 'answers with nothing', 1],
  ['turn', 'answers a turn without what it appended', 8],
] as const
const OTHERS = [
  ['append', 'none', 1],
  ['append', 'none', 8],
  ['last-20', 'none', 1],
  ['turn', 'none', 8],
  ['append', 'is slow', 1],
  ['append', 'throws once in a while', 1],
  ['append', 'has no time', 1],
  ['append', 'ends its process', 1],
] as const

const nameOf = (operation: string, fault: string, callers: number): string => `${operation}/${fault}/100x${callers}`

/** Rows of the targets with a fault, measured as the benchmark does. */
const measure = async (url: string, within: number): Promise<{ results: Results; said: string }> => {
  let said = ''
  const stream = new Writable({
    write(chunk, _, done) {
      said += String(chunk)
      done()
    },
  })
  const drivers = new Map<string, CallDriver>()
  const driverOf = ({ target: fault = '' }: MeasuredRow): CallDriver => {
    const driver = drivers.get(fault) ?? new CallDriver({ module: MODULE }, { url, fault })
    drivers.set(fault, driver)
    return driver
  }
  const rows = [...WRONG, ...OTHERS].map(([operation, fault, callers]) => ({
    name: nameOf(operation, fault, callers),
    operation,
    target: fault,
    history: 100,
    callers,
  }))
  try {
    const terms = { rounds: ROUNDS, budget: BUDGET, within, signal: new AbortController().signal }
    return { results: await measureRounds(rows, { ...terms, driverOf, progress: openProgress(stream) }), said }
  } finally {
    await Promise.all([...drivers.values()].map(async (driver) => await driver.close()))
  }
}

describeWithRedis(
  'the benchmark, of targets with a fault',
  (redis) => {
    let results: Results
    let said: string

    beforeAll(async () => {
      ;({ results, said } = await measure(redis.url, LONG_ENOUGH))
    }, LONG_ENOUGH)

    it.each(WRONG)('%s: a target that %s fails its row and the run, by %d', (operation, fault, callers) => {
      const name = nameOf(operation, fault, callers)
      const result = results.get(name)!
      expect(result.failed).toMatchObject({ isWrong: true, reason: expect.stringContaining('; right: ') })
      const summary = summarize(result)
      expect(summary.microseconds).toBeUndefined()
      expect(said).toContain(`WRONG: ${name}`)
      // Whoever's it is.
      expect([failsRun({ ...summary, target: 'naive' }), failsRun({ ...summary, target: 'ours' })]).toEqual([
        true,
        true,
      ])
    })

    it.each(OTHERS.slice(0, 5))('%s: a target with %s is measured, by %d', (operation, fault, callers) => {
      const result = results.get(nameOf(operation, fault, callers))!
      expect(result.failed).toBeUndefined()
      expect(result.slices.map(({ round }) => round)).toEqual([1, 2])
      expect(failsRun({ ...summarize(result), target: 'ours' })).toBe(false)
    })

    it('tells that a target is slow', () => {
      expect(summarize(results.get(nameOf('append', 'is slow', 1))!).microseconds).toBeGreaterThan(19_000)
    })

    it.each([
      ['throws once in a while', 'not today', false],
      ['has no time', 'no answer', true],
      ['ends its process', 'its process ended', false],
    ])('leaves out a target that %s', (fault, reason, isLate) => {
      const result = results.get(nameOf('append', fault, 1))!
      expect(result.failed).toEqual({ reason, isWrong: false, isLate })
      // What should run and does not fails the run; a peer that cannot be had does not, nor what is late.
      expect(failsRun({ ...summarize(result), target: 'naive' })).toBe(false)
      expect(failsRun({ ...summarize(result), target: 'ours' })).toBe(!isLate)
    })

    it('begins nothing any more when the time is over', async () => {
      const late = await measure(redis.url, 0)
      const summaries = [...late.results.values()].map((result) => summarize(result))
      expect(summaries.map(({ failed }) => failed?.reason)).toEqual(summaries.map(() => 'not measured'))
      expect(summaries.some((summary) => failsRun({ ...summary, target: 'ours' }))).toBe(false)
    })
  },
  OWN_SERVER,
)

describeWithRedis(
  'the benchmark, of a target that does not answer',
  (redis) => {
    let target: TargetProcess

    beforeAll(() => {
      target = new TargetProcess(MODULE, { url: redis.url, fault: 'is slow' })
    })

    afterAll(async () => {
      await target.close()
    })

    it('calls it late', async () => {
      await target.ask('open')
      const row = { name: 'slow', operation: 'append', history: 100, callers: 1 }
      await expect(target.ask('prepare', [row, BUDGET], 100)).rejects.toMatchObject({ isLate: true, isWrong: false })
    })
  },
  OWN_SERVER,
)
