import { describe, expect, it } from '@jest/globals'
import type { Result } from '../../../bench/run/rounds.mjs'
import { middleHalf, ratioOf, summarize } from '../../../bench/run/summarize.mjs'

const row = { name: 'append/ours/100x64', operation: 'append', target: 'ours', history: 100, callers: 64 }

const resultOf = (times: readonly number[], rounds = times.map((_, at) => at + 1)): Result => ({
  row,
  slices: times.map((microseconds, at) => ({ round: rounds[at]!, microseconds, clientCpu: microseconds / 2 })),
})
const failed = { reason: 'it is so', isWrong: true, isLate: false }

describe('middleHalf', () => {
  it.each([
    [
      [5, 1, 4, 2, 3],
      [2, 4],
    ],
    [
      [1, 2, 3, 4],
      [1.75, 3.25],
    ],
    [
      [10, 9, 8, 1, 2, 3, 4, 5, 100],
      [3, 9],
    ],
    [[7], [7, 7]],
  ])('of %j is %j', (values, half) => {
    expect(middleHalf(values)).toEqual(half)
  })
})

describe('summarize', () => {
  it('takes the median of the rounds, which one slow round does not move', () => {
    expect(summarize(resultOf([20, 10, 1_000]))).toEqual({
      ...row,
      rounds: 3,
      microseconds: 20,
      spread: [15, 510],
      perSecond: 50_000,
      clientCpu: 10,
      serverCpu: undefined,
    })
    expect(summarize(resultOf([10, 20])).microseconds).toBe(15)
  })

  it('has no figures of a row that failed, however fast it was', () => {
    expect(summarize({ ...resultOf([1, 1, 1]), failed })).toEqual({ ...row, failed })
  })

  it('says of a row without a round that it was not measured', () => {
    expect(summarize(resultOf([]))).toEqual({
      ...row,
      failed: { reason: 'not measured', isWrong: false, isLate: true },
    })
  })
})

describe('ratioOf', () => {
  it('holds against each other what was measured in the same round', () => {
    const results = new Map([
      ['slow', resultOf([100, 400, 900])],
      ['fast', resultOf([30, 20, 10], [3, 2, 1])],
    ])
    expect(ratioOf(results, 'slow', 'fast')).toEqual({ ratio: 20, spread: [15, 25] })
  })

  it('leaves out rounds that one of them has not', () => {
    const results = new Map([
      ['slow', resultOf([100, 400], [1, 2])],
      ['fast', resultOf([20, 1], [2, 3])],
    ])
    expect(ratioOf(results, 'slow', 'fast')).toEqual({ ratio: 20, spread: [20, 20] })
  })

  it.each([
    ['one is missing', new Map([['slow', resultOf([1])]])],
    ['the other is missing', new Map([['fast', resultOf([1])]])],
    [
      'they share no round',
      new Map([
        ['slow', resultOf([1], [1])],
        ['fast', resultOf([1], [2])],
      ]),
    ],
    [
      'one failed after a round',
      new Map([
        ['slow', resultOf([1])],
        ['fast', { ...resultOf([1]), failed }],
      ]),
    ],
    [
      'the other failed after a round',
      new Map([
        ['slow', { ...resultOf([1]), failed }],
        ['fast', resultOf([1])],
      ]),
    ],
  ])('says nothing when %s', (_, results) => {
    expect(ratioOf(results, 'slow', 'fast')).toBeUndefined()
  })
})
