import { describe, expect, it } from '@jest/globals'
import { covers, slotOf } from '../../../lib/testing/real-redis-cluster/slot-of.js'

describe('slotOf', () => {
  // As CLUSTER KEYSLOT answers.
  it.each([
    ['123456789', 12_739],
    ['key', 12_539],
    ['', 0],
    ['für Ada', 11_284],
    ['chat', 14_028],
    ['am:{chat}:1', 14_028],
    ['{a}b}', 15_495],
    ['{{a}}', 10_276],
    ['{}{chat}', 8_725],
    ['{chat', 1_973],
  ])('gives %j the slot that Redis gives it', (key, slot) => {
    expect(slotOf(key)).toBe(slot)
  })
})

describe('covers', () => {
  it('counts both ends', () => {
    const ranges = [[0, 2] as const, [5, 5] as const]
    expect([0, 1, 2, 3, 4, 5, 6].filter((slot) => covers(ranges, slot))).toEqual([0, 1, 2, 5])
  })
})
