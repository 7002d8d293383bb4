import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { allowedBy } from '../../../../lib/session/state-schema/breach-text.js'
import { repeatsValues } from '../../../../lib/session/state-schema/repeats-values.js'
import { reasons, refusal } from './refusal.js'

const allowed = (message: string, ...values: unknown[]): string =>
  allowedBy({ steps: ['a'], rules: ['rule'], message }, 'values.a', values)

const validate = () => ({ issues: [{ message: '', path: ['a'], code: 'Ada lives in Ulm' }] })

describe('what is said of a rule', () => {
  it('is its message, cut where it is long', () => {
    expect(allowed('must be short')).toBe('must be short (rule)')
    expect(allowed('x'.repeat(301))).toBe(`${'x'.repeat(300)}… (rule)`)
    expect(allowed('x'.repeat(300))).toBe(`${'x'.repeat(300)} (rule)`)
  })

  it.each<[string, unknown]>([
    ['a text of three characters', 'Ulm'],
    ['a number', 123],
    ['a key of a Map', new Map([['Ulm', 1]])],
    ['a value of a Map', new Map([[1, { city: ['Ulm'] }]])],
    ['an item of a Set', new Set(['ulm'])],
    ['more values than are looked at', Array.from({ length: 10_001 }, (_, index) => index + 1_000)],
  ])('does not repeat %s', (_name, value) => {
    expect(allowed('ULM 123 is none', value)).toBe("what the schema's rule allows (rule)")
  })

  it('may hold what is not of the values', () => {
    expect(repeatsValues('[object Object] or Ul', [{}, 'Ul', ['ab', 'cd'], () => 1], '')).toBe(false)
    expect(repeatsValues('ab,cd', [['ab', 'cd']], '')).toBe(false)
  })

  it('names no rule after what is no name', async () => {
    const option = { '~standard': { version: 1, vendor: 'test', validate } } as const
    expect(await reasons(option, { a: 1 })).toEqual({ a: 'breaks the state schema at a' })
  })

  it('is of a field, before what concerns several', async () => {
    const option = z
      .object({ a: z.number().optional(), b: z.string().optional() })
      .refine(() => false, { message: 'all of it', when: () => true })
    expect((await refusal(option, { a: 'x', b: 1 })).path).toBe('values.a')
    expect((await refusal(option, { a: 1 })).path).toBe('values')
  })
})
