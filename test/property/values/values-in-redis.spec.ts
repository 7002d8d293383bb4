import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'
import { Box, Money } from '../../unit/serialization/codec/some-types.js'
import { arbitraryValue } from './arbitrary-value.js'
import { isSameValue } from './is-same-value.js'

const SEED = 20_310_311
const VALUES_A_RUN = 20

const definitions = [
  Box,
  {
    type: Money,
    serialize: ({ amount, currency }: Money) => [amount, currency],
    deserialize: ([amount, currency]: [bigint, string]) => new Money(amount, currency),
  },
]
const values = arbitraryValue([
  fc.bigInt().map((amount) => new Money(amount, 'EUR')),
  fc.string().map((content) => Object.assign(new Box(), { content: { content } })),
])
const key = fc.oneof(fc.constantFrom('a', 'b', '$a', '__proto__', 'constructor'), fc.string({ maxLength: 3 }))
const plainObject = fc
  .array(fc.tuple(key, values), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as Record<string, unknown>)

describeWithRedis('values in Redis', (redis) => {
  const memories = {
    plain: useMemory(redis, { serialization: { types: definitions } }),
    sealed: useMemory(redis, {
      serialization: {
        types: definitions,
        compression: true,
        encryption: { current: 'k', keys: { k: testKey(7) } },
      },
    }),
  }

  it.each<['plain' | 'sealed', number]>([
    ['plain', 10_000],
    ['sealed', 2_000],
  ])(
    'come back as they were, as state and in messages (%s, %d values)',
    async (kind, count) => {
      const session = memories[kind].newSession()
      await fc.assert(
        fc.asyncProperty(fc.array(values, { minLength: VALUES_A_RUN, maxLength: VALUES_A_RUN }), async (given) => {
          const fields = Object.fromEntries(given.map((value, index) => [`f${index}`, value]))
          await session.state.set(fields)
          const { messages } = await session.append({ role: 'user', content: 'a', metadata: { given } })
          const context = await session.context({ last: 1 })
          expect(context.corrupt).toEqual([])
          for (const [index, value] of given.entries()) {
            expect(isSameValue(context.state[`f${index}`], value)).toBe(true)
          }
          expect(isSameValue(context.messages[0]?.metadata, { given })).toBe(true)
          expect(context.messages[0]?.seq).toBe(messages[0]?.seq)
        }),
        { seed: SEED, numRuns: count / VALUES_A_RUN },
      )
    },
    120_000,
  )

  it.each(['plain', 'sealed'] as const)(
    'are patched as objects are spread (%s)',
    async (kind) => {
      const session = memories[kind].newSession()
      await fc.assert(
        fc.asyncProperty(fc.array(plainObject, { minLength: 2, maxLength: 4 }), async ([first, ...patches]) => {
          await session.state.set({ value: first })
          let expected = first
          for (const patch of patches) {
            await session.state.patch({ value: patch })
            expected = { ...expected, ...patch }
          }
          expect(isSameValue(await session.state.value('value'), expected)).toBe(true)
        }),
        { seed: SEED, numRuns: 300 },
      )
    },
    120_000,
  )
})
