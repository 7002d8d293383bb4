import { afterEach, expect, it } from '@jest/globals'
import {
  MemoryConfigError,
  MemoryCorruptError,
  MemoryFullError,
  MemoryPermissionError,
  MemoryTimeoutError,
  MemoryUnavailableError,
  type ConnectionOptions,
  type MemoryError,
} from 'nestjs-agent-memory'
import { describeWithRedis, type RealRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import {
  classified,
  closeAll,
  DEADLINE,
  errorOf,
  MARKER,
  printed,
  repeated,
  type Classified,
} from './classification-rows.js'

interface Expected {
  readonly type: abstract new (...args: never[]) => MemoryError
  readonly code: MemoryError['code']
  readonly executed: MemoryError['executed']
  readonly retryable: boolean
  /** What a person finds in the text, to act on. */
  readonly message: RegExp
  /** Of the root error. */
  readonly cause?: RegExp
}

interface State {
  /** Puts the server into the state; answers how to take it back. */
  readonly inflict: (redis: RealRedis, tested: Classified) => Promise<() => Promise<unknown>>
  readonly connection?: (redis: RealRedis) => ConnectionOptions
  readonly append: Expected
  /** `works`, or what a read comes to, where that is not the same as for a write. */
  readonly read?: 'works' | Partial<Expected>
}

/** As CONFIG SET takes them; each setting as it was before when the test is over. */
const settings =
  (values: Readonly<Record<string, string | number>>): State['inflict'] =>
  async (redis) => {
    const admin = redis.client()
    await admin.ping()
    const before: [string, string][] = []
    for (const [name, value] of Object.entries(values)) {
      const [, was = ''] = await admin.config('GET', name)
      before.push([name, was])
      await admin.config('SET', name, value)
    }
    return async () => {
      for (const [name, value] of before) await admin.config('SET', name, value)
    }
  }

const asUser =
  (name: string, password: string) =>
  (redis: RealRedis): ConnectionOptions => ({ url: redis.url, username: name, password })

/** Gives the user that the memory is connected as other rights. */
const rights =
  (...rules: string[]): State['inflict'] =>
  async (redis) => {
    const admin = redis.client()
    await admin.acl('SETUSER', 'agent', ...rules)
    return () => admin.acl('DELUSER', 'agent')
  }

/** Once the script of another client runs, and for as long as it is not ended, the server answers nothing but BUSY. */
const busy: State['inflict'] = async (redis) => {
  const [admin, other] = [redis.client(), redis.client({ maxRetriesPerRequest: 0 })]
  await admin.config('SET', 'busy-reply-threshold', 1)
  const running = other.eval('while true do end', 0).catch(() => undefined)
  await poll(() =>
    admin.ping().then(
      () => false,
      ({ message }: Error) => message.startsWith('BUSY'),
    ),
  )
  return async () => {
    await admin.script('KILL')
    await running
    await admin.config('SET', 'busy-reply-threshold', 5_000)
  }
}

const replica: State['inflict'] = async (redis) => {
  const admin = redis.client()
  await admin.replicaof('127.0.0.1', 1)
  return () => admin.replicaof('NO', 'ONE')
}

const unavailable = (message: RegExp, cause: RegExp): Expected => ({
  type: MemoryUnavailableError,
  code: 'UNAVAILABLE',
  executed: 'no',
  retryable: true,
  message,
  cause,
})
const denied = (executed: Expected['executed'], cause: RegExp): Expected => ({
  type: MemoryPermissionError,
  code: 'PERMISSION_DENIED',
  executed,
  retryable: false,
  message: /^Redis denied access \(NOPERM\): the (?:user may not run|key pattern)|or its password is not/,
  cause,
})

const STATES: readonly (readonly [string, State])[] = [
  [
    'it hangs',
    {
      inflict: async (redis) => {
        await redis.pause()
        return () => redis.resume()
      },
      append: {
        type: MemoryTimeoutError,
        code: 'TIMEOUT',
        executed: 'unknown',
        retryable: true,
        message: new RegExp(`${DEADLINE} ms`),
      },
      read: { executed: 'no' },
    },
  ],
  ['it is a replica', { inflict: replica, append: unavailable(/new master/, /^READONLY/), read: 'works' }],
  [
    'it is a replica without its master',
    {
      inflict: async (redis, tested) => {
        const [first, second] = [
          await settings({ 'replica-serve-stale-data': 'no' })(redis, tested),
          await replica(redis, tested),
        ]
        return () => second().then(first)
      },
      append: unavailable(/new master/, /^READONLY/),
      read: { message: /lost its master/, cause: /^MASTERDOWN/ },
    },
  ],
  ['it is busy', { inflict: busy, append: unavailable(/SCRIPT KILL/, /^BUSY/) }],
  [
    'it cannot write to its disk',
    {
      inflict: async (redis) => {
        const { restore } = await redis.misconf()
        return restore
      },
      append: unavailable(/look at its disk and its log/, /^MISCONF/),
      read: 'works',
    },
  ],
  [
    'too few replicas are in reach',
    {
      inflict: settings({ 'min-replicas-to-write': 1 }),
      append: unavailable(/min-replicas-to-write/, /^NOREPLICAS/),
      read: 'works',
    },
  ],
  [
    'it is full',
    {
      inflict: settings({ 'maxmemory-policy': 'noeviction', maxmemory: 1 }),
      append: {
        type: MemoryFullError,
        code: 'SERVER_FULL',
        executed: 'no',
        retryable: true,
        message: /raise maxmemory/,
        cause: /^OOM/,
      },
      read: 'works',
    },
  ],
  [
    'its user may not run scripts',
    {
      connection: asUser('agent', 'pw'),
      inflict: rights('-evalsha', '-eval'),
      append: denied('no', /^NOPERM/),
    },
  ],
  [
    'its user may not touch the key',
    {
      connection: asUser('agent', 'pw'),
      inflict: rights('resetkeys', '~other:*'),
      append: denied('no', /^NOPERM/),
    },
  ],
  [
    'its user may run scripts, and not what they do',
    {
      connection: asUser('agent', 'pw'),
      inflict: rights('-hset'),
      append: denied('unknown', /@user_script/),
      read: 'works',
    },
  ],
  [
    'its user is deleted',
    {
      connection: asUser('agent', 'pw'),
      inflict: async (redis, tested) => {
        await redis.client().acl('DELUSER', 'agent')
        // A call that is sent before the connection is known to be closed cannot tell.
        await poll(() =>
          tested.read().then(
            () => false,
            ({ code }: MemoryError) => code === 'PERMISSION_DENIED',
          ),
        )
        return () => Promise.resolve()
      },
      append: denied('no', /^WRONGPASS/),
    },
  ],
  [
    'the key holds something else',
    {
      inflict: async (redis, { key }) => {
        const admin = redis.client()
        await admin.set(key, 'v', 'EX', 60)
        return async () => {
          expect(await admin.get(key)).toBe('v')
          await admin.del(key)
        }
      },
      append: {
        type: MemoryCorruptError,
        code: 'CORRUPT',
        executed: 'no',
        retryable: false,
        message: /another application writes to this namespace/,
        cause: /^WRONGTYPE/,
      },
    },
  ],
  [
    'the key holds a session that is garbled',
    {
      inflict: async (redis, { key }) => {
        const admin = redis.client()
        const garbled = { v: 'x', k: 'x', q: 'x', f: 'x', n: 'x', b: 'x', c: 'x', x: '9e15' }
        await admin.hset(key, garbled)
        return async () => {
          expect(await admin.hgetall(key)).toEqual(garbled)
          await admin.del(key)
        }
      },
      append: {
        type: MemoryCorruptError,
        code: 'CORRUPT',
        executed: 'unknown',
        retryable: false,
        message: /not what this module wrote/,
        cause: /@?user_script:\d+/,
      },
      read: { executed: 'no' },
    },
  ],
]

afterEach(closeAll)

const expectError = (error: MemoryError, { type, code, executed, retryable, message, cause = /^/ }: Expected): void => {
  expect(error).toBeInstanceOf(type)
  expect(error).toMatchObject({ code, executed, retryable })
  expect(error.message).toMatch(message)
  expect(error.cause === undefined ? '' : (error.cause as Error).message).toMatch(cause)
  expect(printed(error)).not.toContain(MARKER)
}

const expectRead = async (read: Promise<number>, { append, read: expected }: State): Promise<void> => {
  if (expected === 'works') expect(await read).toBe(0)
  else expectError(await errorOf(read), { ...append, ...expected })
}

describeWithRedis(
  'what a call says of a server to which it is connected, when',
  (redis) => {
    it.each(STATES)('%s', async (_, state) => {
      const { inflict, connection, append } = state
      await redis.client().acl('SETUSER', 'agent', 'reset', 'on', '>pw', '~*', '&*', '+@all')
      const tested = await classified(connection?.(redis) ?? { url: redis.url })
      // Connected, and the scripts are known.
      expect(await tested.read()).toBe(0)

      const restore = await inflict(redis, tested)
      try {
        expectError(await errorOf(tested.append()), append)
        await expectRead(tested.read(), state)
      } finally {
        await restore()
      }

      // What the error says of the execution is so.
      const { duplicate, messages } = await poll(() => repeated(redis, tested).catch(() => undefined))
      expect(messages).toBe(1)
      expect(duplicate && append.executed === 'no').toBe(false)
    })

    it('a value is too large for it', async () => {
      const restore = await settings({ 'proto-max-bulk-len': 1_048_576 })(redis, {} as Classified)
      const tested = await classified({ url: redis.url }, MARKER.repeat(100_000))
      expect(await tested.read()).toBe(0)
      const error = await errorOf(tested.append())
      await restore()
      // The answer is lost where the connection is reset before it is read.
      expect([
        'TOO_LARGE no false: Redis takes no value or command of this size',
        'UNAVAILABLE unknown true: the connection to Redis was lost before it answered',
      ]).toContain(`${error.code} ${error.executed} ${error.retryable}: ${error.message.replace(/ \(.*/, '')}`)
      expect(printed(error)).not.toContain(MARKER)
      expect(await tested.read()).toBe(0)
    })

    it('its process dies', async () => {
      const tested = await classified({ url: redis.url })
      expect(await tested.read()).toBe(0)
      await redis.pause()
      const append = errorOf(tested.append())
      const read = errorOf(tested.read())
      await redis.kill()
      for (const [error, executed] of [
        [await append, 'unknown'],
        [await read, 'no'],
      ] as const) {
        expectError(error, { ...unavailable(/Redis/, /./), executed })
      }
      await redis.restart({ keepData: true })
      expect((await repeated(redis, tested)).messages).toBe(1)
    })
  },
  { standalone: 'what one server answers', backend: 'binary' },
)

describeWithRedis(
  'what a call says of a server that lacks a command',
  (redis) => {
    it('that is needed', async () => {
      const tested = await classified({ url: redis.url })
      expectError(await errorOf(tested.append()), {
        type: MemoryConfigError,
        code: 'CONFIG_INVALID',
        executed: 'no',
        retryable: false,
        message: /none renamed, and no proxy before it/,
        cause: /unknown command/i,
      })
      expect(await redis.client().exists(tested.key)).toBe(0)
    })
  },
  { standalone: 'what one server answers', backend: 'binary', args: ['--rename-command', 'EVALSHA', ''] },
)
