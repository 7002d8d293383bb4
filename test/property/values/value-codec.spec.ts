import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { ValueCodec } from '../../../lib/serialization/codec/value-codec.js'
import { DecodeError } from '../../../lib/serialization/codec.errors.js'
import { Box, Money, someTypes } from '../../unit/serialization/codec/some-types.js'
import { arbitraryValue } from './arbitrary-value.js'
import { isSameValue } from './is-same-value.js'
import { arbitraryMutation, mutate } from './mutation.js'

const SEED = 20_310_310
const RUNS = 10_000
const MUTATIONS_A_RUN = 10
const LIMIT_MS = 1_000

const codec = new ValueCodec(someTypes)
const values = arbitraryValue([
  fc.bigInt().map((amount) => new Money(amount, 'EUR')),
  fc.string().map((content) => Object.assign(new Box(), { content: { content } })),
])

/** As soon as it is read, a value may not be looked at again: it may be changed. */
const outcome = (text: string): 'value' | 'refused' => {
  try {
    codec.decode(text)
    return 'value'
  } catch (error) {
    if (error instanceof DecodeError) return 'refused'
    throw error
  }
}

/** It takes two invalid dates for different, and overflows on an error that is its own cause. */
const suitsNode = (text: string): boolean =>
  !text.includes('{"$date":null}') && !(text.includes('{"$ref":') && text.includes('{"$error":'))

describe('ValueCodec', () => {
  it(`gives back any value as it was (${RUNS} values)`, () => {
    const kinds = { plain: 0, rich: 0, shared: 0 }
    fc.assert(
      fc.property(values, (value) => {
        const text = codec.encode(value)
        kinds[text.includes('{"$ref":') ? 'shared' : text.startsWith('~') ? 'rich' : 'plain'] += 1
        const decoded = codec.decode(text)
        expect(isSameValue(decoded, value)).toBe(true)
        expect(!suitsNode(text) || isDeepStrictEqual(decoded, value)).toBe(true)
        expect(codec.encode(decoded)).toBe(text)
        expect(codec.canonical(decoded)).toBe(codec.canonical(value))
      }),
      { seed: SEED, numRuns: RUNS },
    )
    for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(RUNS / 20)
  }, 120_000)

  it(`reads any broken text as a value, or refuses it (${RUNS * MUTATIONS_A_RUN} texts)`, () => {
    const outcomes = { value: 0, refused: 0 }
    let slowest = 0
    const mutations = fc.array(arbitraryMutation, { minLength: MUTATIONS_A_RUN, maxLength: MUTATIONS_A_RUN })
    fc.assert(
      fc.property(values, mutations, fc.nat(2), (value, changes, more) => {
        const text = codec.encode(value)
        for (const [index, change] of changes.entries()) {
          // Every third text is changed in several places.
          const extra = changes.slice(0, index % 3 === 2 ? more : 0)
          const broken = [...extra, change].reduce(mutate, text)
          const start = performance.now()
          outcomes[outcome(broken)] += 1
          slowest = Math.max(slowest, performance.now() - start)
        }
      }),
      { seed: SEED, numRuns: RUNS },
    )
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted')
    expect(slowest).toBeLessThan(LIMIT_MS)
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(RUNS)
  }, 120_000)
})
