import { describe, expect, it } from '@jest/globals'
import { isoText, parseIso } from '../../../../lib/serialization/codec/iso-date.js'

const DAY_MS = 86_400_000

describe('isoText and parseIso', () => {
  it('agree with Date on every day of 400 years, and at the ends of what has four digits', () => {
    const ends = [
      -62_167_219_200_001, -62_167_219_200_000, 253_402_300_799_999, 253_402_300_800_000, 8.64e15, -8.64e15, 0, -1,
    ]
    const days = Array.from({ length: 146_097 }, (_, day) => (day - 100_000) * DAY_MS + ((day * 7_919_111) % DAY_MS))
    const centuries = Array.from({ length: 99 }, (_, century) => Date.UTC(century * 100 + 100, 1, 28) + DAY_MS)
    const differing = [...ends, ...days, ...centuries].filter((time) => {
      const text = isoText(new Date(time))
      return text !== new Date(time).toISOString() || parseIso(text)?.getTime() !== time
    })
    expect(differing).toEqual([])
  })

  it.each([
    '',
    '2031-02-29T00:00:00.000Z',
    '2031-13-01T00:00:00.000Z',
    '2031-00-01T00:00:00.000Z',
    '2031-01-00T00:00:00.000Z',
    '2031-01-32T00:00:00.000Z',
    '2031-01-01T24:00:00.000Z',
    '2031-01-01T00:60:00.000Z',
    '2031-01-01T00:00:60.000Z',
    '2031-01-01 00:00:00.000Z',
    '2031-01-01T00:00:00.000z',
    '2031-01-01T00:00:00,000Z',
    '2031-01-01T00:00:00.0000',
    '2o31-01-01T00:00:00.000Z',
    '+02031-01-01T00:00:00.000Z',
    '-000000-01-01T00:00:00.000Z',
    '2031-1-01T00:00:00.0000Z',
    '٢٠٣١-01-01T00:00:00.000Z',
  ])('do not read %j', (text) => {
    expect(parseIso(text)).toBeUndefined()
  })
})
