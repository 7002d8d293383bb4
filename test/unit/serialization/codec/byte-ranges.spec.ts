import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { ByteRanges } from '../../../../lib/serialization/codec/byte-ranges.js'

it('tells whether bytes were there before', () => {
  const stretch = fc.tuple(fc.nat(1), fc.nat(20), fc.nat(6))
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 12 }), (stretches) => {
      const buffers = [new ArrayBuffer(32), new ArrayBuffer(32)]
      const ranges = new ByteRanges()
      const taken = new Set<string>()
      for (const [buffer, start, length] of stretches) {
        const bytes = Array.from({ length }, (_, index) => `${buffer}:${start + index}`)
        const isNew = !bytes.some((byte) => taken.has(byte))
        expect(ranges.add(buffers[buffer]!, start, start + length)).toBe(isNew)
        if (isNew) for (const byte of bytes) taken.add(byte)
      }
    }),
    { seed: 20_310_312, numRuns: 1_000 },
  )
})
