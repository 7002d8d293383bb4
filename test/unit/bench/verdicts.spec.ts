import { describe, expect, it } from '@jest/globals'
import { ROWS } from '../../../bench/rows.mjs'
import type { Result } from '../../../bench/run/rounds.mjs'
import { type Verdict, verdictsOf } from '../../../bench/verdicts.mjs'

const resultOf = (name: string, microseconds: number): [string, Result] => [
  name,
  { row: { name, operation: '', history: 0, callers: 1 }, slices: [{ round: 1, microseconds }] },
]

const verdictOf = (what: string, times: Readonly<Record<string, number>>, costs = {}): Verdict | undefined =>
  verdictsOf(new Map(Object.entries(times).map(([name, time]) => resultOf(name, time))), costs).find(
    (verdict) => verdict.what === what,
  )

describe('verdictsOf', () => {
  const [of, to] = ['turn/ours/100x64', 'turn/raw/100x64']

  it.each([
    ['as fast', 100, 100, 1, true],
    ['just fast enough', 100, 65, 0.65, true],
    ['a little too slow', 1_000, 649, 0.649, false],
  ])('is met at the bound and not below: %s', (_, ours, raw, value, isMet) => {
    const verdict = verdictOf('turn, 64 callers ÷ raw loop', { [of]: ours, [to]: raw })
    expect(verdict).toEqual({
      what: 'turn, 64 callers ÷ raw loop',
      value,
      spread: [value, value],
      limit: undefined,
      bound: 'at least 0.65',
      isMet,
    })
  })

  it.each([
    [150, true],
    [151, false],
    [50, true],
  ])('takes times as times where slower is more: %d of 100 is met: %s', (ours, isMet) => {
    const verdict = verdictOf('turn, 1 caller, p50 ÷ raw', { 'turn/ours/100x1': ours, 'turn/raw/100x1': 100 })
    expect(verdict).toMatchObject({ value: ours / 100, bound: 'at most 1.5', isMet })
  })

  it.each([
    [126, 100, false],
    [125, 100, true],
    [100, 100, true],
    [80, 100, true],
    [79, 100, false],
  ])('knows bounds on both sides: %d at 100, %d at 10,000 messages: %s', (short, long, isMet) => {
    const verdict = verdictOf('turn at 10,000 messages ÷ at 100', {
      'turn/ours/100x64': short,
      'turn/ours/10000x64': long,
    })
    expect(verdict).toMatchObject({ bound: '0.8 to 1.25', isMet })
  })

  it('shows what the limit reaches in the same place', () => {
    const verdict = verdictOf('append against naive, 100', {
      'append/ours/100x64': 20,
      'append/naive/100x64': 200,
      'append/set-pipelined/0x64': 5,
    })
    expect(verdict).toMatchObject({ value: 10, limit: 40, isMet: false })
  })

  it.each([
    ['what is held against it', { [of]: 100 }],
    ['the row itself', { [to]: 100 }],
    ['both', {}],
  ])('is neither met nor missed without %s', (_, times) => {
    const verdict = verdictOf('turn, 64 callers ÷ raw loop', times)
    expect(verdict).toMatchObject({ value: undefined, spread: undefined, isMet: undefined })
  })

  it('judges costs', () => {
    const what = 'bytes per session ÷ raw JSON'
    expect(verdictOf(what, {}, { 'session-bytes': { ratio: 1.25 } })).toMatchObject({ value: 1.25, isMet: true })
    expect(verdictOf(what, {}, { 'session-bytes': { ratio: 1.26 } })).toMatchObject({ value: 1.26, isMet: false })
    expect(verdictOf(what, {})).toMatchObject({ value: undefined, isMet: undefined })
  })

  it('asks for nothing that --quick does not measure', () => {
    const quick = ROWS.filter(({ isQuick }) => isQuick)
    const results = new Map(quick.map(({ name }) => resultOf(name, 100)))
    const costs = { 'session-bytes': { ratio: 1 }, 'import-time': { beyond: 1, spread: [1, 1] } }
    const open = verdictsOf(results, costs).filter(({ isMet }) => isMet === undefined)
    expect(open).toEqual([])
    const limits = verdictsOf(results, costs).filter(({ what }) => / against /.test(what))
    expect(limits.map(({ limit }) => limit)).toEqual(limits.map(() => 1))
  })
})
