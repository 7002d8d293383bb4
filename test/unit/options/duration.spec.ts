import { describe, expect, it } from '@jest/globals'
import { parseDeadline, parseDuration } from '../../../lib/options/duration.js'

const YEAR = 365.25 * 24 * 60 * 60 * 1000

describe('parseDuration', () => {
  it.each([
    ['1ms', 1],
    ['250ms', 250],
    ['60s', 60_000],
    ['1.5s', 1_500],
    ['30m', 1_800_000],
    ['0.1h', 360_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['10y', 10 * YEAR],
    ['1.0004s', 1_000],
  ])('reads %p', (value, ms) => {
    expect(parseDuration(value)).toEqual({ ms })
  })

  it.each([
    ['0s'],
    ['0.0001ms'],
    ['-1s'],
    ['+1s'],
    ['1e3s'],
    ['10.1y'],
    ['11y'],
    ['999999999999999y'],
    [`${'9'.repeat(200)}s`],
    ['7 d'],
    [' 7d'],
    ['7d '],
    ['7d\n'],
    ['7D'],
    ['7days'],
    ['.5s'],
    ['5.s'],
    ['d'],
    [''],
    ['NaNs'],
    ['Infinitys'],
    ['1h30m'],
    ['1d; DROP'],
    ['١d'],
  ])('refuses %j', (value) => {
    expect(parseDuration(value)).toEqual({ problem: expect.stringContaining("as '30m' or '7d'") })
  })

  it.each([
    [undefined],
    [null],
    [true],
    [0],
    [-60],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [10n],
    [{}],
    [['7d']],
    [new Date(0)],
    [Symbol('7d')],
    [() => '7d'],
  ])('refuses what is no string: %p', (value) => {
    expect(parseDuration(value)).toEqual({ problem: expect.not.stringContaining('write') })
  })

  it('tells how to write a number that lacks its unit', () => {
    expect(parseDuration(60)).toEqual({ problem: expect.stringMatching(/write '60s' if seconds are meant, not 60$/) })
    expect(parseDuration('3600')).toEqual({
      problem: expect.stringMatching(/write '3600s' if seconds are meant, not '3600'$/),
    })
  })
})

describe('parseDeadline', () => {
  it.each([
    [1, 1],
    [2_000, 2_000],
    ['2s', 2_000],
    ['24d', 24 * 86_400_000],
  ])('reads %p', (value, ms) => {
    expect(parseDeadline(value)).toEqual({ ms })
  })

  it.each([[0], [-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], ['25d'], ['0s'], [2 ** 31], [null]])(
    'refuses %p',
    (value) => {
      expect(parseDeadline(value)).toEqual({ problem: expect.stringContaining("at most '24d'") })
    },
  )

  it('tells how to write a numeric string', () => {
    expect(parseDeadline('2000')).toEqual({ problem: expect.stringContaining("write '2000s' if seconds are meant") })
  })
})
