import { describe, expect, it } from '@jest/globals'
import { MemoryInvalidError } from '../../../lib/errors/memory-invalid.error.js'
import { pollAfter } from '../../../lib/session/claim/poll-after.js'
import { validateIdempotencyKey } from '../../../lib/session/claim/validate-idempotency-key.js'

const PATH = 'headers.idempotency-key'

const refusal = (key: unknown): unknown => {
  try {
    validateIdempotencyKey(key, PATH)
    return undefined
  } catch (error) {
    return error
  }
}

describe('an idempotency key', () => {
  it.each(['k', '!', '~', '8e03978e-40d5-43dd-bc93-6894a57f9324', 'x'.repeat(256), '{a}:*[b]"'])('may be %p', (key) => {
    expect(refusal(key)).toBeUndefined()
  })

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [7, 'the number 7'],
    [['a', 'b'], 'an array of 2'],
    ['', 'an empty string'],
    ['x'.repeat(257), 'a string of 257 characters'],
    ['a secret', 'a string with other characters'],
    ['secret\n', 'a string with other characters'],
    ['secret\u007f', 'a string with other characters'],
    ['sécret', 'a string with other characters'],
  ])('may not be %p', (key, given) => {
    const error = refusal(key)
    expect(error).toBeInstanceOf(MemoryInvalidError)
    expect(error).toMatchObject({
      code: 'ARGUMENT_INVALID',
      path: PATH,
      message: `${PATH}: ${given} given; allowed: 1 to 256 visible ASCII characters`,
    })
  })
})

describe('who waits for a turn', () => {
  it('asks soon at first, and four times in a second or so after a while, out of step', () => {
    const times = Array.from({ length: 200 }, () => [pollAfter(0), pollAfter(60_000)] as const)
    const [first, later] = [times.map(([ms]) => ms), times.map(([, ms]) => ms)]
    expect(Math.min(...first)).toBeGreaterThanOrEqual(12)
    expect(Math.max(...first)).toBeLessThanOrEqual(38)
    expect(Math.min(...later)).toBeGreaterThanOrEqual(125)
    expect(Math.max(...later)).toBeLessThanOrEqual(375)
    expect(new Set(later).size).toBeGreaterThan(100)
  })
})
