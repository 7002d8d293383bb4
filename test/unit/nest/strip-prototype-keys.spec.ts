import { describe, expect, it } from '@jest/globals'
import { stripPrototypeKeys } from '../../../lib/nest/exact/strip-prototype-keys.js'

describe('keys that could change prototypes', () => {
  it('are removed at every depth, but from no exact value, and in a cycle too', () => {
    const exact = new Map()
    Object.assign(exact, { constructor: 1 })
    const value = JSON.parse('{"a":[{"__proto__":{"b":1},"constructor":1,"prototype":1,"c":1}]}') as Record<
      string,
      unknown
    >
    Object.assign(value, { exact, self: value })
    stripPrototypeKeys(value, (item) => item instanceof Map)
    expect(Object.keys((value['a'] as object[])[0] ?? {})).toStrictEqual(['c'])
    expect(Object.keys(exact)).toStrictEqual(['constructor'])
  })
})
