import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import type { ConnectionOptions, MemoryError } from 'nestjs-agent-memory'
import { describeWithRedis, type RealRedis } from 'nestjs-agent-memory/testing'
import { classified, closeAll, errorOf, MARKER, onClose, printed, repeated } from './classification-rows.js'
import { selfSigned } from './self-signed.js'

interface State {
  /** Puts the server into the state, and answers how to reach it. */
  readonly connection: (redis: RealRedis) => ConnectionOptions | Promise<ConnectionOptions>
  readonly expected: Pick<MemoryError, 'name' | 'code' | 'retryable'>
  readonly message: RegExp
  /** The text or the code of the root error. */
  readonly cause: RegExp
}

const UNAVAILABLE = { name: 'MemoryUnavailableError', code: 'UNAVAILABLE', retryable: true } as const
const DENIED = { name: 'MemoryPermissionError', code: 'PERMISSION_DENIED', retryable: false } as const
const MISCONFIGURED = { name: 'MemoryConfigError', code: 'CONFIG_INVALID', retryable: false } as const
const LATE = { name: 'MemoryTimeoutError', code: 'TIMEOUT', retryable: true } as const

const listen = async (server: Server): Promise<ConnectionOptions> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onClose(async () => server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** An address at which nothing listens. */
const nowhere = async (): Promise<ConnectionOptions> => {
  const server = createServer()
  const address = await listen(server)
  server.close()
  await once(server, 'close')
  return address
}

const withPassword =
  (password: string | undefined) =>
  async (redis: RealRedis): Promise<ConnectionOptions> => {
    const admin = redis.client()
    await admin.config('SET', 'requirepass', 'pw')
    onClose(async () => {
      await admin.config('SET', 'requirepass', '')
      await admin.quit()
    })
    return { host: redis.host, port: redis.port, password }
  }

const withoutRoom = async (redis: RealRedis): Promise<ConnectionOptions> => {
  const admin = redis.client()
  await admin.config('SET', 'maxclients', 1)
  onClose(async () => {
    await admin.config('SET', 'maxclients', 1_000)
    await admin.quit()
  })
  return { url: redis.url }
}

const STATES: readonly (readonly [string, State])[] = [
  [
    'nothing listens',
    { connection: nowhere, expected: UNAVAILABLE, message: /nothing listens at the address/, cause: /ECONNREFUSED/ },
  ],
  [
    'the password is wrong',
    {
      connection: withPassword('a-wrong-password'),
      expected: DENIED,
      message: /the user is not known or is off, or its password/,
      cause: /WRONGPASS/,
    },
  ],
  [
    'there is no password',
    {
      connection: withPassword(undefined),
      expected: DENIED,
      message: /the server asks for a password/,
      cause: /NOAUTH/,
    },
  ],
  [
    'the server has no such database',
    {
      connection: ({ url }) => ({ url, db: 99 }),
      expected: MISCONFIGURED,
      message: /connection\.db: a database the server does not have/,
      cause: /DB index is out of range/,
    },
  ],
  [
    'the server has no room for another client',
    { connection: withoutRoom, expected: UNAVAILABLE, message: /maxclients|out of clients/, cause: /./ },
  ],
  [
    'the server loads its data',
    {
      connection: async (redis) => {
        const fault = await redis.loading()
        onClose(fault.restore)
        return { url: redis.url }
      },
      expected: UNAVAILABLE,
      message: /is not ready: loading/,
      cause: /not ready/,
    },
  ],
  [
    'something else listens',
    {
      connection: () => listen(createHttpServer()),
      expected: MISCONFIGURED,
      message: /an address where no Redis server answers/,
      cause: /"H"/,
    },
  ],
  [
    'what listens says nothing',
    {
      connection: () => listen(createServer((socket) => onClose(async () => socket.destroy()))),
      expected: LATE,
      message: /takes connections, and gave no answer within 500 ms/,
      cause: /Socket timeout/,
    },
  ],
]

afterEach(closeAll)

const expectState = async (connection: ConnectionOptions, { expected, message, cause }: State) => {
  const tested = await classified(connection)
  // What is wrong is heard of while the first call waits, on a busy machine only when it is over.
  await errorOf(tested.read())
  for (const call of [tested.append, tested.read]) {
    const error = await errorOf(call())
    expect(error).toMatchObject({ ...expected, executed: 'no' })
    expect(error.message).toMatch(message)
    const root = error.cause as Error & { readonly code?: string }
    expect(`${root.code} ${root.message}`).toMatch(cause)
    expect(printed(error)).not.toContain(MARKER)
    expect(printed(error)).not.toContain('a-wrong-password')
  }
  return tested
}

describeWithRedis(
  'what a call says that finds no connection, when',
  (redis) => {
    it.each(STATES)('%s', async (_, state) => {
      const tested = await expectState(await state.connection(redis), state)
      await closeAll()
      expect(await repeated(redis, tested)).toEqual({ duplicate: false, messages: 1 })
    })
  },
  { standalone: 'what one server answers', backend: 'binary' },
)

const folder = mkdtempSync(join(tmpdir(), 'agent-memory-tls-'))
const file = (name: string): string => join(folder, name)
const HOST = 'redis.example'
const TLS_PORT = createServer()

describeWithRedis(
  'what a call says that finds no TLS connection, when',
  (redis) => {
    const { cert, key } = selfSigned(HOST)
    let port: number
    beforeAll(async () => {
      writeFileSync(file('cert.pem'), cert)
      writeFileSync(file('key.pem'), key)
      const admin = redis.client()
      TLS_PORT.listen(0, '127.0.0.1')
      await once(TLS_PORT, 'listening')
      ;({ port } = TLS_PORT.address() as AddressInfo)
      TLS_PORT.close()
      await once(TLS_PORT, 'close')
      const [files, more] = [
        ['tls-cert-file', file('cert.pem'), 'tls-key-file', file('key.pem')],
        ['tls-ca-cert-file', file('cert.pem'), 'tls-auth-clients', 'no', 'tls-port', String(port)],
      ]
      await admin.call('CONFIG', 'SET', ...files, ...more)
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    it.each<[string, object | undefined, Omit<State, 'connection'>]>([
      [
        'its authority is not known',
        { servername: HOST },
        { expected: MISCONFIGURED, message: /one of an authority that is named in tls\.ca/, cause: /SELF_SIGNED_CERT/ },
      ],
      [
        'its certificate is for another host',
        { ca: cert },
        { expected: MISCONFIGURED, message: /for another host name/, cause: /ERR_TLS_CERT_ALTNAME_INVALID/ },
      ],
      [
        'it is not asked for',
        undefined,
        { expected: UNAVAILABLE, message: /whether it asks for TLS|is not ready/, cause: /ECONNRESET|EPIPE|not ready/ },
      ],
    ])('%s', async (_, tls, state) => {
      const tested = await expectState({ host: '127.0.0.1', port, tls }, { ...state, connection: () => ({}) })
      expect(await redis.client().exists(tested.key)).toBe(0)
    })

    it('the server does not speak it', async () => {
      const tested = await classified({ host: '127.0.0.1', port: redis.port, tls: { ca: cert, servername: HOST } })
      for (const call of [tested.append, tested.read]) {
        expect(await errorOf(call())).toMatchObject({
          code: expect.stringMatching(/UNAVAILABLE|TIMEOUT/),
          executed: 'no',
        })
      }
    })

    it('and finds one when all is right', async () => {
      const tested = await classified({ host: '127.0.0.1', port, tls: { ca: cert, servername: HOST } })
      expect(await tested.append()).toEqual({ duplicate: false })
    })
  },
  { standalone: 'what one server answers', backend: 'binary' },
)
