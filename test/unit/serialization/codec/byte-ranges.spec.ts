import { describe, expect, it } from '@jest/globals'
import { ByteRanges } from '../../../../lib/serialization/codec/byte-ranges.js'

type Range = readonly [start: number, end: number]

const SIZE = 5
const ALL: readonly Range[] = Array.from({ length: SIZE }, (_item, start) =>
  Array.from({ length: SIZE - start }, (_, length): Range => [start, start + length]),
).flat()

const overlap = ([start, end]: Range, [otherStart, otherEnd]: Range): boolean =>
  Array.from({ length: end - start }, (_, index) => start + index).some((byte) => byte >= otherStart && byte < otherEnd)

describe('ranges of bytes', () => {
  it('are taken in any order, unless a byte of them was there before', () => {
    for (const ranges of ALL.flatMap((one) => ALL.flatMap((two) => ALL.map((three) => [one, two, three])))) {
      const [buffer, known] = [new ArrayBuffer(SIZE), new ByteRanges()]
      const taken: Range[] = []
      for (const range of ranges) {
        const isNew = !taken.some((other) => overlap(range, other))
        expect([ranges, known.add(buffer, ...range)]).toEqual([ranges, isNew])
        if (isNew) taken.push(range)
      }
    }
  })

  it('are those of one buffer', () => {
    const known = new ByteRanges()
    expect(known.add(new ArrayBuffer(2), 0, 2)).toBe(true)
    expect(known.add(new ArrayBuffer(2), 0, 2)).toBe(true)
  })

  it('take no time that grows with the square of their number', () => {
    const [known, buffer, started] = [new ByteRanges(), new ArrayBuffer(1), performance.now()]
    for (let index = 0; index < 50_000; index += 1) {
      known.add(new ArrayBuffer(1), 0, 1)
      known.add(buffer, index, index + 1)
    }
    // Looked at one by one, they take several times that.
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
