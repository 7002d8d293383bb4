import { describe, expect, it } from '@jest/globals'
import { askCredentials, CredentialsError } from '../../../lib/redis/ask-credentials.js'

const SECRET = 'hunter2'
const errorOf = async (provider: () => unknown): Promise<CredentialsError> => {
  const error: unknown = await askCredentials(provider as () => Promise<never>, 50).catch((caught: unknown) => caught)
  if (error instanceof CredentialsError) return error
  throw new Error('the provider was believed')
}

describe('credentials that are given', () => {
  it.each([
    ['at once', () => ({ username: 'a', password: SECRET }), ['a', SECRET]],
    ['later', async () => ({ username: 'a', password: SECRET }), ['a', SECRET]],
    ['without a user', () => ({ password: SECRET }), ['default', SECRET]],
    ['with a user that is undefined', () => ({ username: undefined, password: SECRET }), ['default', SECRET]],
  ])('%s', async (_, provider, expected) => {
    expect(await askCredentials(provider, 50)).toEqual(expected)
  })
})

describe('a provider fails', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'that throws',
      () => {
        throw new TypeError(SECRET)
      },
      /^connection\.credentials failed \(TypeError\)$/,
    ],
    [
      'that throws no error',
      () => {
        throw SECRET
      },
      /^connection\.credentials failed \(a string of/,
    ],
    [
      'that rejects',
      () => Promise.reject(Object.assign(new Error(SECRET), { code: 'ENOTFOUND' })),
      /failed \(ENOTFOUND\)$/,
    ],
    [
      'whose code is a text',
      () => Promise.reject(Object.assign(new Error(SECRET), { code: `a ${SECRET}` })),
      /failed \(Error\)$/,
    ],
    ['that never answers', () => new Promise(() => undefined), /gave nothing within 50 ms$/],
  ])('%s', async (_, provider, message) => {
    const error = await errorOf(provider)
    expect(error.message).toMatch(message)
    expect(error.problem).toBeUndefined()
    expect(error.message).not.toContain(SECRET)
  })

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /gives undefined given/],
    ['a text', SECRET, /gives a string of/],
    ['a list', ['a', SECRET], /gives an array/],
    ['no password', { username: 'a' }, /gives no password given/],
    ['an empty password', { password: '' }, /gives no password given/],
    ['a user that is none', { username: 7, password: SECRET }, /gives no text as username given/],
  ])('that gives %s', async (_, answer, message) => {
    const error = await errorOf(() => answer)
    expect(error.message).toMatch(message)
    expect(error.problem).toMatchObject({ path: 'connection.credentials' })
    expect(error.message).not.toContain(SECRET)
  })
})
