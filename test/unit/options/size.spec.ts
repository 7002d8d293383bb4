import { describe, expect, it } from '@jest/globals'
import { parseSize } from '../../../lib/options/size.js'

describe('parseSize', () => {
  it.each([
    [1, 1],
    [65_536, 65_536],
    ['1b', 1],
    ['64kb', 65_536],
    ['1mb', 1_048_576],
    ['1.5mb', 1_572_864],
    ['2gb', 2_147_483_648],
  ])('reads %p', (value, bytes) => {
    expect(parseSize(value)).toEqual({ bytes })
  })

  it.each([
    [0],
    [-1],
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.MAX_SAFE_INTEGER + 1],
    ['0kb'],
    ['0.0001kb'],
    ['1.5b'],
    ['-1mb'],
    ['1 mb'],
    ['1MB'],
    ['1tb'],
    ['1m'],
    ['mb'],
    [''],
    ['9999999999999gb'],
    [null],
    [undefined],
    [true],
    [1n],
    [{}],
    [['1mb']],
  ])('refuses %p', (value) => {
    expect(parseSize(value)).toEqual({ problem: expect.stringContaining("as '64kb' or '1mb'") })
  })

  it('tells how to write a numeric string', () => {
    expect(parseSize('65536')).toEqual({ problem: expect.stringContaining("write 65536 or '65536b'") })
  })
})
