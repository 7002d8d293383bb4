import { describe, expect, it } from '@jest/globals'
import { forFeatureProblems } from '../../../lib/options/feature-problems.js'
import { givenOverrides, mergeFeatureOptions } from '../../../lib/options/merge-feature-options.js'

const connection = { url: 'redis://127.0.0.1:6379' }

class BookingState {
  guests = 2
}

class OtherState {
  amount = 0
}

const problemsOf = (overrides: unknown) => forFeatureProblems('billing', overrides)

describe('the name given to forFeature', () => {
  it.each(['b', 'billing', 'Billing_2-eu', 'x'.repeat(32), '__proto__', 'constructor'])('may be %p', (name) => {
    expect(forFeatureProblems(name, undefined)).toEqual([])
  })

  it.each([
    ['', 'an empty string'],
    ['a.b', "'a.b'"],
    ['a:b', "'a:b'"],
    ['a b', "'a b'"],
    ['x'.repeat(33), `'${'x'.repeat(33)}'`],
    ['x\n', 'a string of 2 characters'],
    ['ä', 'a string of 1 characters'],
    [undefined, 'undefined'],
    [7, 'the number 7'],
    [{ name: 'billing' }, 'a plain object'],
  ])('may not be %p', (name, given) => {
    expect(forFeatureProblems(name, undefined)).toEqual([
      { path: 'forFeature', given, allowed: 'a name of 1 to 32 of the characters A-Z a-z 0-9 _ -' },
    ])
  })

  it("may not be 'default', which is said to be the memory of forRoot", () => {
    expect(forFeatureProblems('default', undefined)).toEqual([
      { path: 'forFeature', given: "'default'", allowed: expect.stringContaining('the one of forRoot') },
    ])
  })
})

describe('the overrides given to forFeature', () => {
  it.each([
    [undefined],
    [{}],
    [{ namespace: 'x', session: {}, summary: {}, state: BookingState, serialization: {} }],
    [{ session: undefined }],
  ])('may be %p', (overrides) => {
    expect(problemsOf(overrides)).toEqual([])
  })

  it.each([[null], ['30d'], [['session']], [() => ({})], [new Map()]])('may not be %p', (overrides) => {
    expect(problemsOf(overrides)).toEqual([
      expect.objectContaining({
        path: "forFeature('billing')",
        allowed: 'an object of namespace, session, summary, state, tokenCounter, serialization',
      }),
    ])
  })

  it.each(['connection', 'connectOnBoot', 'resilience', 'durability', 'requireNoEviction'])(
    'may not have %s, which is shared',
    (name) => {
      expect(problemsOf({ [name]: {} })).toEqual([
        {
          path: `forFeature('billing').${name}`,
          given: 'a plain object',
          allowed: 'nothing here: it is the same for all memories, and given to forRoot',
        },
      ])
    },
  )

  it.each([
    ['sesion', 'did you mean session?'],
    ['ttl', 'did you mean session.ttl?'],
    ['encryption', 'did you mean serialization.encryption?'],
    ['isGlobal', 'the options here are namespace, session, summary, state, tokenCounter, serialization'],
  ])('may not have %s', (name, hint) => {
    expect(problemsOf({ [name]: true })).toEqual([
      { path: `forFeature('billing').${name}`, given: 'the boolean true', allowed: expect.stringContaining(hint) },
    ])
  })

  it('do not get a name into the error that may be a text of anybody', () => {
    const [problem] = problemsOf({ 'the door code is 4711': 1 })
    expect(problem?.path).toBe("forFeature('billing').(a name of 21 characters)")
    expect(JSON.stringify(problem)).not.toContain('4711')
  })

  it.each([
    ['session', '30d', "'30d'"],
    ['summary', null, 'null'],
    ['serialization', [], 'an empty array'],
  ])('may not have a %s that is no object', (name, value, given) => {
    expect(problemsOf({ [name]: value })).toEqual([
      { path: `forFeature('billing').${name}`, given, allowed: 'an object' },
    ])
  })

  it('are all looked at, also beside a name that is wrong', () => {
    expect(forFeatureProblems('a b', { connection, session: 1 }).map(({ path }) => path)).toEqual([
      'forFeature',
      'forFeature.connection',
      'forFeature.session',
    ])
  })
})

describe('overrides', () => {
  it.each([[undefined], [{}], [{ session: undefined, namespace: undefined }]])('say nothing as %p', (overrides) => {
    expect(givenOverrides(overrides)).toBeUndefined()
  })

  it('say the same with and without what is undefined', () => {
    const overrides = { namespace: undefined, session: { ttl: '30d', maxAge: undefined }, state: BookingState } as const
    expect(givenOverrides(overrides)).toStrictEqual({ session: { ttl: '30d' }, state: BookingState })
  })

  it('are copied, so that what is done to them later does not matter', () => {
    const session: { ttl: `${number}d` } = { ttl: '30d' }
    const given = givenOverrides({ session })
    session.ttl = '1d'
    expect(given).toEqual({ session: { ttl: '30d' } })
  })
})

describe('the options of a named memory', () => {
  const keys = { k1: Buffer.alloc(32, 1) }
  const root = {
    connection,
    namespace: 'root',
    session: { ttl: '7d', maxMessages: 50 },
    summary: { ttl: '90d' },
    state: BookingState,
    serialization: { types: [], encryption: { current: 'k1', keys } },
    resilience: { deadline: '1s' },
  } as const

  it('are those of forRoot, except for the namespace', () => {
    expect(mergeFeatureOptions(root, {})).toEqual({ ...root, namespace: undefined })
  })

  it('keep the others of a section when one is overridden, and take what is no section whole', () => {
    const merged = mergeFeatureOptions(root, {
      namespace: 'own',
      session: { ttl: '30d' },
      serialization: { compression: { minBytes: '1kb' } },
      state: OtherState,
    })
    expect(merged).toEqual({
      ...root,
      namespace: 'own',
      session: { ttl: '30d', maxMessages: 50 },
      serialization: { ...root.serialization, compression: { minBytes: '1kb' } },
      state: OtherState,
    })
    expect(merged.state).toBe(OtherState)
  })

  it('leave those of forRoot as they are', () => {
    const before = structuredClone({ ...root, state: undefined })
    mergeFeatureOptions(root, { session: { ttl: '30d' }, state: OtherState })
    expect({ ...root, state: undefined }).toEqual(before)
  })
})
