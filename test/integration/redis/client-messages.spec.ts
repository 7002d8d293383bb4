import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { ClusterOptions, Redis, RedisOptions } from 'ioredis'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { classifyError } from '../../../lib/redis/classify-error.js'
import { createClient } from '../../../lib/redis/create-client.js'
import { tellingUnsent, UNSENT } from '../../../lib/redis/unsent.js'
import { poll } from '../../support/poll.js'

type Package = typeof import('ioredis')

/** The client as it is installed, and every other major that is, as `ioredis-5`. */
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  devDependencies: Record<string, string>
}
const PACKAGES = Object.keys(devDependencies).filter((name) => /^ioredis(?:-\d+)?$/.test(name))

/** The options of the module's own client, and nothing that would try a second time. */
const own = createClient({ host: '127.0.0.1' }, 500, () => undefined).options as RedisOptions
const failFast: RedisOptions = {
  lazyConnect: true,
  enableOfflineQueue: own.enableOfflineQueue,
  autoResendUnfulfilledCommands: own.autoResendUnfulfilledCommands,
  maxRetriesPerRequest: own.maxRetriesPerRequest,
  connectTimeout: 300,
  disconnectTimeout: 50,
  retryStrategy: () => 10_000,
}

const CLUSTER: ClusterOptions = {
  lazyConnect: true,
  enableReadyCheck: false,
  maxRedirections: 2,
  retryDelayOnClusterDown: 1,
  retryDelayOnFailover: 0,
  slotsRefreshTimeout: 500,
  clusterRetryStrategy: () => null,
}
const NODE = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-require-full-coverage', 'no']

/** In one of the slots that the node has. */
const KEY = '{k126}'

const opened: { disconnect(): void }[] = []
const closeAll = (): void => {
  for (const one of opened.splice(0)) one.disconnect()
}

const errorOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => {
      throw new Error('it succeeded')
    },
    (error: Error) => error,
  )

const aWrite = { kind: 'write' } as const

describe.each(PACKAGES)('the texts of %s that errors are told by', (name) => {
  let client: (redis: { readonly port: number }, options?: RedisOptions) => Redis
  let module: Package
  beforeAll(async () => {
    module = (await import(name)) as Package
    client = ({ port }, options = {}) => {
      const made = new module.Redis({ host: '127.0.0.1', port, ...failFast, ...options })
      made.on('error', () => undefined)
      opened.push(made)
      return made
    }
  })
  afterEach(closeAll)

  describeWithRedis(
    'by one server',
    (redis) => {
      it('never sent', async () => {
        const error = await errorOf(client({ port: 1 }).set('k', 'v'))
        expect(error.message).toBe("Stream isn't writeable and enableOfflineQueue options is false")
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
      })

      it('closed by the application', async () => {
        const one = client(redis)
        await one.connect()
        const inFlight = errorOf(one.blpop('nothing', 0))
        one.disconnect()
        for (const error of [await inFlight, await errorOf(one.set('k', 'v'))]) {
          expect(error.message).toBe('Connection is closed.')
          expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'unknown' })
        }
      })

      it('closed by the server', async () => {
        const one = client(redis)
        await one.connect()
        const inFlight = errorOf(one.blpop('nothing', 0))
        const id = String(await redis.client().client('LIST')).match(/id=(\d+) [^\n]*cmd=blpop/)?.[1]
        await redis.client().client('KILL', 'ID', Number(id))
        const error = await inFlight
        expect(error).toMatchObject({
          name: 'MaxRetriesPerRequestError',
          message:
            'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
        })
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'unknown' })
      })

      it('closed by the server in the middle of a pipeline', async () => {
        const one = client(redis)
        await one.connect()
        const id = await one.client('ID')
        const results = await one
          .pipeline()
          .set('k', 1)
          .call('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no')
          .set('k', 2)
          .exec()
        expect(results?.slice(0, 2)).toEqual([
          [null, 'OK'],
          [null, 1],
        ])
        const error = results?.[2]?.[0]
        expect(error).toMatchObject({ name: 'AbortError', message: 'Command aborted due to connection close' })
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'unknown' })
      })

      it('late by its own clock', async () => {
        const one = client(redis, { commandTimeout: 50 })
        await one.connect()
        const error = await errorOf(one.blpop('nothing', 0))
        expect(error.message).toBe('Command timed out')
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'TIMEOUT', executed: 'unknown' })
      })

      it('silent for too long', async () => {
        const one = client(redis, { socketTimeout: 50 })
        await one.connect()
        const heard = once(one, 'error')
        const error = await errorOf(one.blpop('nothing', 0))
        expect(error.name).toBe('MaxRetriesPerRequestError')
        const [root] = (await heard) as [Error]
        expect(root.message).toBe("Socket timeout. Expecting data, but didn't receive any in 50ms.")
        expect(classifyError(error, aWrite, root)).toMatchObject({
          executed: 'unknown',
          cause: { message: root.message },
        })
      })

      it('a reply that is an error, with the arguments of the command', async () => {
        const one = client(redis)
        await one.connect()
        const error = await errorOf(one.eval("return redis.error_reply('OOM by a test')", 0, 'the user said so'))
        expect(error).toMatchObject({ name: 'ReplyError', message: 'OOM by a test' })
        expect((error as unknown as { command: { args: string[] } }).command.args).toContain('the user said so')
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'SERVER_FULL', executed: 'no' })
      })

      it('a TLS connection that is not answered', async () => {
        const one = client(redis, { tls: {} })
        const heard = once(one, 'error')
        await errorOf(one.connect())
        expect(((await heard) as [Error])[0]).toMatchObject({ message: 'connect ETIMEDOUT', code: 'ETIMEDOUT' })
      })

      it('a cluster of which no node is connected', async () => {
        const nodes = [{ host: '127.0.0.1', port: redis.port }]
        const cluster = new module.Cluster(nodes, { ...CLUSTER, enableOfflineQueue: false })
        cluster.on('error', () => undefined)
        opened.push(cluster)
        const error = await errorOf(cluster.get('k'))
        expect(error.message).toBe("Cluster isn't ready and enableOfflineQueue options is false")
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
      })

      it('a cluster that is none', async () => {
        const cluster = new module.Cluster([{ host: '127.0.0.1', port: redis.port }], CLUSTER)
        const heard = once(cluster, 'error')
        opened.push(cluster)
        const error = await errorOf(cluster.connect())
        expect(error.message).toBe('None of startup nodes is available')
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
        const [root] = (await heard) as [Error]
        expect(root).toMatchObject({ name: 'ClusterAllFailedError', message: 'Failed to refresh slots cache.' })
        expect(classifyError(root, aWrite)).toMatchObject({
          code: 'UNAVAILABLE',
          executed: 'no',
          cause: { message: 'ERR This instance has cluster support disabled' },
        })
      })
    },
    { standalone: 'ioredis itself is asked, with one server', backend: 'binary' },
  )

  it('what is no reply of a server', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      // One that reads nothing never sees that its client has gone.
      socket.resume().write('HTTP/1.1 400 Bad Request\r\n\r\n')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    opened.push({ disconnect: () => server.close() })
    const heard: string[] = []
    const one = client({ port: (server.address() as AddressInfo).port })
    one.on('error', ({ message }: Error) => heard.push(message))
    await errorOf(one.connect())
    expect(heard[0]).toMatch(
      /^(?:Protocol error, got "H" as reply type byte|Unknown RESP type 72 "H")\. Please report this\.$/,
    )
  })

  describeWithRedis(
    'by a node of a cluster',
    (redis) => {
      it('a cluster that does not serve the slot', async () => {
        const admin = redis.client()
        await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '100')
        await poll(async () => (await admin.cluster('INFO')).includes('cluster_slots_assigned:101'))
        const cluster = new module.Cluster([{ host: '127.0.0.1', port: redis.port }], CLUSTER)
        cluster.on('error', () => undefined)
        opened.push(cluster)
        await cluster.connect()
        const error = await errorOf(cluster.set('k', 'v'))
        expect(error.message).toMatch(
          /^Too many Cluster redirections\. Last error: ReplyError: CLUSTERDOWN Hash slot not served$/,
        )
        expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
      })

      it('what was sent, and what was not, when the connection to the node ended', async () => {
        const admin = redis.client()
        const proxy = await FaultProxy.before(redis)
        const cluster = tellingUnsent(
          new module.Cluster([{ host: '127.0.0.1', port: redis.port }], {
            ...CLUSTER,
            enableOfflineQueue: false,
            clusterRetryStrategy: () => 20,
            natMap: { [`127.0.0.1:${redis.port}`]: { host: '127.0.0.1', port: Number(new URL(proxy.url).port) } },
            redisOptions: { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false, disconnectTimeout: 50 },
          }),
          () => true,
        )
        cluster.on('error', () => undefined)
        opened.push(cluster, { disconnect: () => void proxy.close() })
        await cluster.connect()
        await poll(async () => (await cluster.set(KEY, '0').catch(() => undefined)) === 'OK')
        // On its way, or executed: nobody knows.
        for (const action of ['cut-before', 'drop-reply'] as const) {
          const cut = proxy.on({ command: 'APPEND' }, action)
          const error = await errorOf(cluster.append(KEY, '1'))
          expect(cut.hits).toBe(1)
          expect(error.message).toBe('Connection is closed.')
          expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'unknown' })
          await poll(async () => (await cluster.get(KEY).catch(() => undefined)) !== undefined)
        }
        expect(await admin.get(KEY)).toBe('01')
        // Waiting for a connection, and without one to wait for.
        await proxy.refuse()
        proxy.cut()
        await poll(() => cluster.nodes('all').every(({ status }) => status !== 'ready'))
        const errors = await Promise.all(Array.from({ length: 3 }, () => errorOf(cluster.append(KEY, '2'))))
        for (const error of errors) {
          expect(error.message).toBe(UNSENT)
          expect(classifyError(error, aWrite)).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
        }
        expect(await admin.get(KEY)).toBe('01')
      })
    },
    { standalone: 'ioredis itself is asked, with one server', backend: 'binary', args: NODE },
  )
})
