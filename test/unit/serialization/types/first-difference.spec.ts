import { describe, expect, it } from '@jest/globals'
import { firstDifference } from '../../../../lib/serialization/types/first-difference.js'

class Point {
  x?: number
}

const pair = (key: string): [string, number] => [key, 1]

const differ = (back: unknown, original: unknown, leftOut: readonly string[] = []): readonly unknown[] | undefined =>
  firstDifference(back, original, (_, key) => leftOut.includes(String(key)))?.steps

describe('the first difference', () => {
  it.each<[string, unknown, unknown, readonly unknown[]]>([
    ['a property that is missing, though it was undefined', {}, { a: undefined }, ['a']],
    ['a property that was not there', { a: 1, b: 2 }, { a: 1 }, ['b']],
    ['-0', [{ a: 0 }], [{ a: -0 }], [0, 'a']],
    ['another class', { p: { x: 1 } }, { p: Object.assign(new Point(), { x: 1 }) }, ['p']],
    ['another order in a Map', new Map([pair('a'), pair('b')]), new Map([pair('b'), pair('a')]), []],
    ['another date', { at: new Date(1) }, { at: new Date(2) }, ['at']],
    ['another length', { a: [1] }, { a: [1, 2] }, ['a']],
  ])('is %s', (_name, back, original, steps) => {
    expect(differ(back, original)).toEqual(steps)
  })

  it('is none where a class leaves a property out, but for that of plain objects', () => {
    expect(differ(new Point(), Object.assign(new Point(), { x: 1 }), ['x'])).toBeUndefined()
    expect(differ({}, { x: 1 }, ['x'])).toEqual(['x'])
  })
})
