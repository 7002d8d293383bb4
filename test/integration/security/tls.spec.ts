import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { ConnectionOptions, MemoryError } from 'nestjs-agent-memory'
import { describeWithRedis, RealRedis } from 'nestjs-agent-memory/testing'
import { classified, closeAll, DEADLINE, errorOf, MARKER, onClose, printed } from '../faults/classification-rows.js'
import { createClient } from '../../../lib/redis/create-client.js'
import type { OwnServer } from '../../../lib/testing/real-redis/own-server.js'
import { startOwnServers } from '../../../lib/testing/real-redis/own-servers.js'
import { readRedisEnvironment } from '../../../lib/testing/real-redis/environment.js'
import { serverCommand } from '../../../lib/testing/real-redis/server-command.js'
import { makeCertificates } from '../../../lib/testing/real-redis/tls/certificates.js'
import { tlsPlan } from '../../../lib/testing/real-redis/tls/tls-plan.js'
import { poll } from '../../support/poll.js'

/** Each way to give the address and the TLS of a server. */
type Way = (port: number, tls: object | undefined) => ConnectionOptions

const HOST = '127.0.0.1'

const handedIn = <Client extends Redis | Cluster>(client: Client): { readonly client: Client } => {
  onClose(async () => client.disconnect())
  return { client }
}

const WAYS: readonly (readonly [string, Way])[] = [
  ['a URL', (port, tls) => ({ url: `redis${tls === undefined ? '' : 's'}://${HOST}:${port}`, ...(tls && { tls }) })],
  ['the options of ioredis', (port, tls) => ({ host: HOST, port, ...(tls && { tls }) })],
  ['a client', (port, tls) => handedIn(new Redis({ host: HOST, port, lazyConnect: true, ...(tls && { tls }) }))],
]

const CLUSTER_WAYS: readonly (readonly [string, Way])[] = [
  [
    'a cluster',
    (port, tls) => ({ cluster: { nodes: [{ host: HOST, port }], options: { redisOptions: { ...(tls && { tls }) } } } }),
  ],
  [
    'a client of a cluster',
    (port, tls) =>
      handedIn(new Cluster([{ host: HOST, port }], { lazyConnect: true, redisOptions: { ...(tls && { tls }) } })),
  ],
]

type Expected = Pick<MemoryError, 'code' | 'retryable'>
const WRONG: Expected = { code: 'CONFIG_INVALID', retryable: false }
const AWAY: Expected = { code: 'UNAVAILABLE', retryable: true }

interface Fault {
  /** Puts the server into the state, and answers where to go with which TLS. */
  readonly tls: (redis: RealRedis) => object | undefined | Promise<object | undefined>
  /** @default the port with TLS */
  readonly port?: (redis: RealRedis) => number
  readonly expected: Expected
  readonly message: RegExp
}

const shows = async (redis: RealRedis, certificate: 'expired' | 'other-name'): Promise<object> => {
  const { restore } = await redis.serverCertificate(certificate)
  onClose(restore)
  return redis.tls!
}

const plainPort = (redis: RealRedis): number => Number(new URL(redis.plainUrl).port)

const FAULTS: readonly (readonly [string, Fault])[] = [
  [
    'its authority is not known',
    { tls: () => ({}), expected: WRONG, message: /of an authority that this process does not know \(SELF_SIGNED_CERT/ },
  ],
  [
    'its certificate has another name',
    {
      tls: (redis) => shows(redis, 'other-name'),
      expected: WRONG,
      message:
        /a certificate for another host name \(ERR_TLS_CERT_ALTNAME_INVALID\).*for this host, or for tls\.servername/,
    },
  ],
  [
    'its certificate has expired',
    {
      tls: (redis) => shows(redis, 'expired'),
      expected: AWAY,
      message:
        /the certificate of the server, or of its authority, has expired: it has to be renewed \(CERT_HAS_EXPIRED\)/,
    },
  ],
  [
    'it is not asked for TLS',
    { tls: () => undefined, expected: AWAY, message: /ends the connection: .*asks for TLS|or with TLS\?/ },
  ],
  [
    'it has no TLS',
    {
      tls: (redis) => redis.tls,
      port: plainPort,
      // It waits for the rest of what it takes for a command, or says what is wrong with it.
      expected: { code: expect.stringMatching(/UNAVAILABLE|CONFIG_INVALID/), retryable: expect.any(Boolean) } as never,
      message: /does not answer a TLS handshake: it does not speak TLS, or hangs|a server that does not speak TLS/,
    },
  ],
]

const FAULTS_OF_CLIENTS: readonly (readonly [string, Fault])[] = [
  [
    'the client has no certificate',
    {
      tls: (redis) => ({ ca: redis.tls!.ca }),
      expected: WRONG,
      message: /no certificate of our own.*allowed: tls\.cert and tls\.key/,
    },
  ],
  [
    'the certificate of the client has expired',
    { tls: (redis) => redis.expiredTls, expected: WRONG, message: /a certificate of our own that has expired/ },
  ],
]

const SECRETS = ['BEGIN', 'PRIVATE KEY', MARKER]

const expectFault = async (redis: RealRedis, way: Way, { tls, port = () => redis.port, ...fault }: Fault) => {
  const tested = await classified(way(port(redis), await tls(redis)))
  // What is wrong may be heard of only while the first call waits.
  await errorOf(tested.read())
  for (const call of [tested.append, tested.read]) {
    const began = performance.now()
    const error = await poll(async () => {
      const heard = await errorOf(call())
      expect(performance.now() - began).toBeLessThan(20 * DEADLINE)
      return fault.message.test(heard.message) ? heard : undefined
    }, 10 * DEADLINE)
    expect(error).toMatchObject({ ...fault.expected, executed: 'no' })
    for (const secret of SECRETS) expect(printed(error)).not.toContain(secret)
  }
  return tested
}

afterEach(closeAll)

const suite = (name: string, options: object, ways: typeof WAYS, faults: typeof FAULTS): void => {
  describeWithRedis(
    name,
    (redis) => {
      beforeAll(async () => {
        if (ways !== CLUSTER_WAYS) return
        await redis.client().call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
        await poll(async () => (await redis.client().cluster('INFO')).includes('cluster_state:ok'))
      })

      describe.each(ways)('by %s', (_, way) => {
        it('is reached when all is right', async () => {
          const tested = await classified(way(redis.port, redis.tls))
          expect(await tested.append()).toEqual({ duplicate: false })
          const lines = String(await redis.client().client('LIST')).split('\n')
          expect(
            lines.some((line) => line.includes(`laddr=${HOST}:${redis.port} `) && !line.includes('cmd=client')),
          ).toBe(true)
        })

        it.each(faults)('is not when %s', async (__, fault) => {
          const tested = await expectFault(redis, way, fault)
          expect(await redis.client().exists(tested.key)).toBe(0)
        })
      })
    },
    { standalone: 'the TLS of one server', backend: 'binary', ...options },
  )
}

suite('a server with TLS', { tls: true }, WAYS, FAULTS)
suite(
  'a server with TLS that asks for certificates',
  { tls: { clientCertificates: 'required' } },
  WAYS,
  FAULTS_OF_CLIENTS,
)

const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-announce-ip', HOST, '--tls-cluster', 'yes']
suite('a cluster with TLS', { tls: true, args: CLUSTER }, CLUSTER_WAYS, FAULTS)
suite(
  'a cluster with TLS that asks for certificates',
  { tls: { clientCertificates: 'required' }, args: CLUSTER },
  CLUSTER_WAYS,
  FAULTS_OF_CLIENTS,
)

describeWithRedis(
  'a server whose certificate is not trusted',
  (redis) => {
    it('ends no process, whenever the connection to it is given up', async () => {
      const codes = new Set<unknown>()
      for (let attempt = 0; attempt < 300; attempt++) {
        const client = createClient(
          { host: HOST, port: redis.port, tls: {} },
          DEADLINE,
          ({ code }: NodeJS.ErrnoException) => codes.add(code),
        )
        client.on('error', () => undefined)
        client.connect().catch(() => undefined)
        await delay((attempt % 30) / 3)
        client.disconnect()
      }
      expect([...codes]).toEqual(['SELF_SIGNED_CERT_IN_CHAIN'])
    })
  },
  { standalone: 'the TLS of one server', backend: 'binary', tls: true },
)

describeWithRedis(
  'a server whose certificate has expired',
  (redis) => {
    it('is reached again when it is renewed, by the same memory', async () => {
      const expired = await redis.serverCertificate('expired')
      const tested = await classified({ url: redis.url, tls: redis.tls as RedisOptions['tls'] })
      expect((await errorOf(tested.append())).message).toMatch(/no connection|has expired/)
      await expired.restore()
      expect(await poll(() => tested.append().catch(() => undefined))).toEqual({ duplicate: false })
    })
  },
  { standalone: 'the TLS of one server', backend: 'binary', tls: true },
)

describeWithRedis(
  'a master with TLS that sentinels with TLS watch',
  (redis) => {
    const NAME = 'with-tls'
    let ca: string
    let tlsPort: number
    let sentinel: OwnServer
    beforeAll(async () => {
      const certificates = await makeCertificates()
      ca = certificates.authority
      const [started] = await startOwnServers(
        serverCommand(readRedisEnvironment()),
        2,
        async ([port = 0, withTls = 0]) => {
          tlsPort = withTls
          const { args, files } = tlsPlan(withTls, certificates, {})
          // It reaches the master by TLS as well, whose certificates are another authority's.
          const all = { ...files, 'ca.pem': `${ca}\n${redis.tls!.ca}` }
          const config = `sentinel monitor ${NAME} ${HOST} ${redis.port} 1\n`
          return [[{ port, args: ['--sentinel', ...args, '--tls-replication', 'yes'], files: all, config }]]
        },
      )
      sentinel = started!
    })
    afterAll(() => sentinel.dispose())

    const connection = (given: object = {}, port = tlsPort): ConnectionOptions => ({
      sentinel: {
        name: NAME,
        sentinels: [{ host: HOST, port }],
        sentinelTLS: { ca },
        tls: redis.tls,
        enableTLSForSentinelMode: true,
        ...given,
      },
    })

    it('is reached when all is right', async () => {
      const tested = await classified(connection())
      expect(await tested.append()).toEqual({ duplicate: false })
    })

    it.each<[string, () => ConnectionOptions, Expected, RegExp]>([
      [
        'the authority of the sentinels is not known',
        () => connection({ sentinelTLS: {} }),
        AWAY,
        /no sentinel answers.*sentinelTLS/,
      ],
      [
        'the sentinels are not asked for TLS',
        () => connection({ sentinelTLS: undefined }),
        AWAY,
        /no sentinel answers.*sentinelTLS/,
      ],
      ['the sentinels have no TLS', () => connection({}, sentinel.plan.port), AWAY, /no sentinel answers.*sentinelTLS/],
      ['the authority of the master is not known', () => connection({ tls: {} }), WRONG, /\(SELF_SIGNED_CERT/],
    ])('is not when %s', async (_, given, expected, message) => {
      const tested = await classified(given())
      const error = await poll(async () => {
        const heard = await errorOf(tested.append())
        return message.test(heard.message) ? heard : undefined
      }, 10 * DEADLINE)
      expect(error).toMatchObject({ ...expected, executed: 'no' })
      for (const secret of SECRETS) expect(printed(error)).not.toContain(secret)
    })

    it('is not when its certificate has expired', async () => {
      await shows(redis, 'expired')
      const tested = await classified(connection())
      const error = await poll(async () => {
        const heard = await errorOf(tested.append())
        return heard.message.includes('CERT_HAS_EXPIRED') ? heard : undefined
      }, 10 * DEADLINE)
      expect(error).toMatchObject(AWAY)
    })
  },
  { standalone: 'the TLS of one server', backend: 'binary', tls: true },
)
