import { describe, expect, it } from '@jest/globals'
import { Decimal } from 'decimal.js'
import { MemoryConfigError } from '../../../lib/errors/memory-config.error.js'
import { resolveMemoryOptions } from '../../../lib/options/resolve-memory-options.js'
import type { ResolvedMemoryOptions } from '../../../lib/options/resolved-options.interface.js'

const URL_ONLY = { connection: { url: 'redis://127.0.0.1:6379' } } as const
const DAY = 86_400_000
const MB = 1_048_576
const KEY = Buffer.alloc(32, 7)

class BookingState {
  guests = 2
}

/** Calls it as an application in JavaScript can: with anything. */
const resolveUntyped = (options: unknown): ResolvedMemoryOptions =>
  Reflect.apply(resolveMemoryOptions, undefined, [options])

const refusalOf = (options: unknown): MemoryConfigError => {
  try {
    resolveUntyped(options)
  } catch (error) {
    if (error instanceof MemoryConfigError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const problemsOf = (options: object) => refusalOf({ ...URL_ONLY, ...options }).problems

describe('resolveMemoryOptions', () => {
  it('fills in every default', () => {
    expect(resolveMemoryOptions(URL_ONLY)).toEqual({
      connection: { url: 'redis://127.0.0.1:6379' },
      connectOnBoot: 'background',
      namespace: 'memory',
      session: {
        ttl: 7 * DAY,
        lifetime: 90 * DAY,
        maxMessages: 10_000,
        maxBytes: 32 * MB,
        maxMessageBytes: MB,
        onFull: 'trim',
      },
      summary: { ttl: 90 * DAY },
      state: undefined,
      serialization: { types: [], compression: undefined, encryption: undefined },
      resilience: {
        deadline: 2_000,
        retry: { attempts: 4, minDelay: 25, maxDelay: 500, budget: 0.2 },
        breaker: { failures: 20, openFor: 500 },
        inFlight: { operations: 10_000, bytes: 64 * MB },
        onOutage: 'throw',
        journal: undefined,
        healing: { maxBytes: 32 * MB, maxAge: 60_000 },
        onLoss: 'throw',
      },
      requireNoEviction: false,
    })
  })

  it('takes every option', () => {
    const resolved = resolveMemoryOptions({
      connection: { host: 'localhost', port: 6380, db: 3 },
      connectOnBoot: 'required',
      namespace: 'support.v2_a-b',
      session: {
        ttl: '1h',
        sliding: true,
        maxAge: '2d',
        maxMessages: 5,
        maxBytes: 4096,
        maxMessageBytes: '1kb',
        onFull: 'refuse',
      },
      summary: { ttl: '1y' },
      state: BookingState,
      serialization: {
        types: [Decimal, { type: BookingState, name: 'Booking' }],
        compression: { minBytes: '8kb' },
        encryption: { current: 'k2', keys: { k1: KEY, k2: KEY.toString('base64url') }, allowPlaintext: true },
      },
      resilience: {
        deadline: 750,
        retry: { attempts: 20, minDelay: 10, maxDelay: '1s', budget: 1 },
        breaker: { failures: 5, openFor: '2s' },
        inFlight: { operations: 100, bytes: '1mb' },
        onOutage: 'journal',
        journal: { directory: '/var/lib/agent memory', maxBytes: '1gb', maxAge: '12h' },
        healing: { maxBytes: '1mb', maxAge: '1m' },
        onLoss: 'report',
      },
      requireNoEviction: true,
    })
    expect(resolved).toEqual({
      connection: { host: 'localhost', port: 6380, db: 3 },
      connectOnBoot: 'required',
      namespace: 'support.v2_a-b',
      session: {
        ttl: 3_600_000,
        lifetime: 2 * DAY,
        maxMessages: 5,
        maxBytes: 4096,
        maxMessageBytes: 1024,
        onFull: 'refuse',
      },
      summary: { ttl: 365.25 * DAY },
      state: BookingState,
      serialization: {
        types: [Decimal, { type: BookingState, name: 'Booking' }],
        compression: { minBytes: 8192 },
        encryption: {
          current: 'k2',
          keys: new Map([
            ['k1', KEY],
            ['k2', KEY],
          ]),
          allowPlaintext: true,
        },
      },
      resilience: {
        deadline: 750,
        retry: { attempts: 20, minDelay: 10, maxDelay: 1_000, budget: 1 },
        breaker: { failures: 5, openFor: 2_000 },
        inFlight: { operations: 100, bytes: MB },
        onOutage: 'journal',
        journal: { directory: '/var/lib/agent memory', maxBytes: 1024 * MB, maxAge: DAY / 2 },
        healing: { maxBytes: MB, maxAge: 60_000 },
        onLoss: 'report',
      },
      requireNoEviction: true,
    })
  })

  it('takes undefined for the default', () => {
    const options = {
      ...URL_ONLY,
      connectOnBoot: undefined,
      namespace: undefined,
      session: { ttl: undefined, sliding: undefined, maxAge: undefined, maxBytes: undefined, onFull: undefined },
      summary: undefined,
      resilience: { deadline: undefined, retry: { budget: undefined }, breaker: undefined, onOutage: undefined },
      requireNoEviction: undefined,
      user: undefined,
    }
    expect(resolveMemoryOptions(options)).toEqual(resolveMemoryOptions(URL_ONLY))
  })

  it('takes an instance of a class, getters included', () => {
    class Config {
      readonly connection = URL_ONLY.connection
      get namespace() {
        return 'from-getter'
      }
    }
    expect(resolveMemoryOptions(new Config()).namespace).toBe('from-getter')
  })

  it('changes nothing of what it was given, and does not depend on it afterwards', () => {
    const options = { connection: { url: 'redis://127.0.0.1:6379' }, session: { ttl: '1h' as const } }
    const before = structuredClone(options)
    Object.freeze(options.connection)
    Object.freeze(options.session)
    const resolved = resolveMemoryOptions(Object.freeze(options))
    expect(options).toEqual(before)
    expect(resolved.connection).not.toBe(options.connection)
  })

  it('hands a client on as it is, having read only what tells that it is one', () => {
    const read = new Set<string | symbol>()
    const target = { duplicate: () => target, call: () => null, on: () => target, status: 'wait', options: {} }
    const client = new Proxy(target, {
      get: (from, name) => {
        read.add(name)
        return Reflect.get(from, name)
      },
      ownKeys: () => {
        throw new Error('the client was walked')
      },
      set: () => {
        throw new Error('the client was changed')
      },
    })
    const resolved = resolveUntyped({ connection: { client } })
    expect(resolved.connection).toEqual({ client: expect.anything() })
    expect('client' in resolved.connection && resolved.connection.client).toBe(client)
    expect([...read].filter((name) => typeof name === 'string')).toEqual(
      expect.arrayContaining(['duplicate', 'call', 'on', 'status']),
    )
    expect(read).not.toContain('constructor')
  })

  describe('the end of a session', () => {
    it.each([
      ['with a longer maxAge', { ttl: '1h', maxAge: '2d' }, 2 * DAY],
      ['with maxAge alone, below the default ttl', { maxAge: '1d' }, DAY],
      ['with a ttl above the default maxAge', { ttl: '120d' }, 120 * DAY],
      ['when the ttl does not slide', { ttl: '1h', maxAge: '2d', sliding: false }, 3_600_000],
      ['when the ttl does not slide and maxAge is shorter', { maxAge: '1d', sliding: false }, DAY],
    ])('is right %s', (_, session, lifetime) => {
      expect(resolveUntyped({ ...URL_ONLY, session }).session.lifetime).toBe(lifetime)
    })
  })

  it('lets the default of maxMessageBytes give way to a smaller maxBytes', () => {
    expect(resolveMemoryOptions({ ...URL_ONLY, session: { maxBytes: '64kb' } }).session).toMatchObject({
      maxBytes: 65_536,
      maxMessageBytes: 65_536,
    })
  })
})

describe('options that are refused', () => {
  const DURATION = expect.stringContaining('a string of a number and its unit')
  const SIZE = expect.stringContaining('a whole number of bytes above 0')
  const COUNT = 'a whole number above 0'
  const BOOLEAN = 'true or false'
  const NAMESPACE = '1 to 64 of the characters A-Z a-z 0-9 _ . -'

  it.each([
    ['connectOnBoot', { connectOnBoot: 'lazy' }, "'lazy'", "'background' or 'required'"],
    ['connectOnBoot', { connectOnBoot: true }, 'the boolean true', "'background' or 'required'"],
    ['namespace', { namespace: '' }, 'an empty string', NAMESPACE],
    ['namespace', { namespace: 'a:b' }, "'a:b'", NAMESPACE],
    ['namespace', { namespace: 'a{b}' }, "'a{b}'", NAMESPACE],
    ['namespace', { namespace: 'a\n' }, 'a string of 2 characters', NAMESPACE],
    ['namespace', { namespace: 'a'.repeat(65) }, 'a string of 65 characters', NAMESPACE],
    ['namespace', { namespace: 7 }, 'the number 7', NAMESPACE],
    ['namespace', { namespace: null }, 'null', NAMESPACE],
    ['requireNoEviction', { requireNoEviction: 'yes' }, "'yes'", BOOLEAN],
    ['requireNoEviction', { requireNoEviction: 1 }, 'the number 1', BOOLEAN],
    ['session.ttl', { session: { ttl: 60 } }, 'the number 60', expect.stringContaining("write '60s'")],
    ['session.ttl', { session: { ttl: '3600' } }, "'3600'", expect.stringContaining("write '3600s'")],
    ['session.ttl', { session: { ttl: 0 } }, 'the number 0', DURATION],
    ['session.ttl', { session: { ttl: '0s' } }, "'0s'", DURATION],
    ['session.ttl', { session: { ttl: '-5m' } }, "'-5m'", DURATION],
    ['session.ttl', { session: { ttl: Number.NaN } }, 'NaN', DURATION],
    ['session.ttl', { session: { ttl: Number.POSITIVE_INFINITY } }, 'Infinity', DURATION],
    ['session.ttl', { session: { ttl: '11y' } }, "'11y'", DURATION],
    ['session.ttl', { session: { ttl: null } }, 'null', DURATION],
    ['session.maxAge', { session: { maxAge: 90 } }, 'the number 90', expect.stringContaining("write '90s'")],
    ['session.maxAge', { session: { maxAge: 'never' } }, "'never'", DURATION],
    ['session.sliding', { session: { sliding: 'true' } }, "'true'", BOOLEAN],
    ['session.sliding', { session: { sliding: null } }, 'null', BOOLEAN],
    ['session.maxMessages', { session: { maxMessages: 0 } }, 'the number 0', COUNT],
    ['session.maxMessages', { session: { maxMessages: -1 } }, 'the number -1', COUNT],
    ['session.maxMessages', { session: { maxMessages: 1.5 } }, 'the number 1.5', COUNT],
    ['session.maxMessages', { session: { maxMessages: '100' } }, "'100'", COUNT],
    ['session.maxMessages', { session: { maxMessages: Number.POSITIVE_INFINITY } }, 'Infinity', COUNT],
    ['session.maxBytes', { session: { maxBytes: '32' } }, "'32'", SIZE],
    ['session.maxBytes', { session: { maxBytes: 0 } }, 'the number 0', SIZE],
    ['session.maxMessageBytes', { session: { maxMessageBytes: '1MB' } }, "'1MB'", SIZE],
    ['session.onFull', { session: { onFull: 'throw' } }, "'throw'", "'trim' or 'refuse'"],
    ['session', { session: '7d' }, "'7d'", expect.stringContaining('an object of ttl')],
    ['session', { session: null }, 'null', expect.stringContaining('an object of ttl')],
    ['session', { session: [] }, 'an empty array', expect.stringContaining('an object of ttl')],
    ['session', { session: new Map() }, 'an instance of Map', expect.stringContaining('an object of ttl')],
    ['summary.ttl', { summary: { ttl: 90 } }, 'the number 90', expect.stringContaining("write '90s'")],
    ['summary', { summary: true }, 'the boolean true', 'an object of ttl'],
    ['resilience.deadline', { resilience: { deadline: 0 } }, 'the number 0', expect.stringContaining("'24d'")],
    ['resilience.deadline', { resilience: { deadline: '2000' } }, "'2000'", expect.stringContaining("'2000s'")],
    ['resilience.deadline', { resilience: { deadline: '25d' } }, "'25d'", expect.stringContaining("'24d'")],
    ['resilience', { resilience: '2s' }, "'2s'", expect.stringContaining('an object of deadline, retry')],
  ])('%s in %j', (path, options, given, allowed) => {
    expect(problemsOf(options)).toEqual([{ path, given, allowed }])
  })

  it.each([
    [
      'a ttl above maxAge',
      { ttl: '2d', maxAge: '1d' },
      { path: 'session.ttl', given: "'2d'", allowed: expect.stringContaining("session.maxAge, which is '1d'") },
    ],
    [
      'a message larger than its session',
      { maxMessageBytes: '2kb', maxBytes: '1kb' },
      {
        path: 'session.maxMessageBytes',
        given: "'2kb'",
        allowed: expect.stringContaining("session.maxBytes, which is '1kb'"),
      },
    ],
    [
      'a message larger than the default of its session',
      { maxMessageBytes: '64mb' },
      {
        path: 'session.maxMessageBytes',
        given: "'64mb'",
        allowed: expect.stringContaining("session.maxBytes, which is '32mb' unless set"),
      },
    ],
    [
      'a message larger than Redis takes',
      { maxMessageBytes: '600mb', maxBytes: '1gb' },
      { path: 'session.maxMessageBytes', given: "'600mb'", allowed: expect.stringContaining("'512mb'") },
    ],
  ])('%s', (_, session, problem) => {
    expect(problemsOf({ session })).toEqual([problem])
  })

  it.each([[undefined], [null], ['redis://localhost'], [() => URL_ONLY], [[]], [7]])(
    '%p for the options',
    (options) => {
      expect(refusalOf(options).problems).toEqual([expect.objectContaining({ path: 'options' })])
    },
  )

  it('reminds a factory to return its options', () => {
    expect(refusalOf(undefined).message).toContain('a factory has to return it')
  })

  it('says where isGlobal belongs', () => {
    expect(problemsOf({ isGlobal: true })).toEqual([
      { path: 'isGlobal', given: 'the boolean true', allowed: expect.stringContaining('beside useFactory') },
    ])
  })

  it('names every problem in one error', () => {
    const error = refusalOf({
      connection: { url: 'http://localhost', db: -1 },
      namespace: 'a b',
      sesion: {},
      session: { ttl: 60, maxMessages: 0, maxLength: 3 },
      summary: { ttl: 'soon' },
      resilience: { deadline: -1, retry: 3 },
      requireNoEviction: 'no',
      user: { ttl: '1y' },
    })
    expect(error.problems.map(({ path }) => path).toSorted()).toEqual([
      'connection.db',
      'connection.url',
      'namespace',
      'requireNoEviction',
      'resilience.deadline',
      'resilience.retry',
      'sesion',
      'session.maxLength',
      'session.maxMessages',
      'session.ttl',
      'summary.ttl',
      'user',
    ])
    for (const { path } of error.problems) expect(error.message).toContain(`  - ${path}: `)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false, executed: 'no' })
  })
})
