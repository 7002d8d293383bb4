import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { inspect, promisify } from 'node:util'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { INestApplicationContext } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { Redis } from 'ioredis'
import { MemoryModule, MemoryService, type MemoryModuleOptions } from 'nestjs-agent-memory'
import { describeWithRedis, RealRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { storing, type StoringMemory } from '../../support/storing-memory.js'

/** Of this run: another one may use the same server at the same time. */
const NAMESPACE = `connection-test-${randomUUID()}`

const hello = { role: 'user', content: 'hello' } as const

const opened: { close(): Promise<unknown> }[] = []
const boot = async (options: MemoryModuleOptions): Promise<{ app: INestApplicationContext; memory: StoringMemory }> => {
  const module = await Test.createTestingModule({
    imports: [MemoryModule.forRoot({ namespace: NAMESPACE, ...options })],
  }).compile()
  module.useLogger(false)
  await module.init()
  opened.push(module)
  return { app: module, memory: storing(module.get<MemoryService>(MemoryService)) }
}
const ownServer = async (...args: string[]): Promise<RealRedis> => {
  const server = await RealRedis.start({ backend: 'binary', args })
  opened.push({ close: () => server.stop() })
  return server
}
/** Without trying again: a repeated SHUTDOWN would end the server that was started in between. */
const shutDown = async (server: RealRedis): Promise<void> => {
  const client = server.client({ retryStrategy: () => null, maxRetriesPerRequest: 0 })
  await client.shutdown('NOSAVE').catch(() => undefined)
}
const closeAll = async (): Promise<void> => {
  for (const one of opened.splice(0).toReversed()) await one.close()
}
afterEach(closeAll)

const connections = async (client: Redis): Promise<number> =>
  ((await client.client('LIST')) as string).split('\n').filter((line) => line.includes('name=agent-memory')).length

describeWithRedis(
  'the connection',
  (redis) => {
    it.each<[string, (client: Redis) => MemoryModuleOptions['connection']]>([
      ['a url', () => ({ url: redis.url })],
      ['a url and options', () => ({ url: redis.url, connectionName: 'mine' })],
      ['options', () => ({ host: redis.host, port: redis.port })],
      ['a client', (client) => ({ client })],
    ])('is made from %s', async (_, connection) => {
      const client = redis.client()
      const { memory } = await boot({ connection: connection(client) })
      const session = memory.session(`kind-${Math.random()}`)
      await session.append(hello)
      expect((await session.messages()).messages).toHaveLength(1)
      await session.delete()
      client.disconnect()
    })

    it('leaves a client that was handed in alone', async () => {
      const client = redis.client({ connectionName: 'the-original', maxRetriesPerRequest: 7 })
      await client.ping()
      const listeners = client.eventNames().map((name) => [name, client.listenerCount(name)])
      const { app, memory } = await boot({ connection: { client } })
      await memory.session('handed-in').append(hello)
      await memory.session('handed-in').delete()
      await app.close()
      expect(client.status).toBe('ready')
      expect(client.options.maxRetriesPerRequest).toBe(7)
      expect(client.eventNames().map((name) => [name, client.listenerCount(name)])).toEqual(listeners)
      expect(await client.ping()).toBe('PONG')
      client.disconnect()
    })

    it('is one, made when the application starts, and gone when it has closed', async () => {
      const server = await ownServer()
      const client = server.client()
      const module = await Test.createTestingModule({
        imports: [MemoryModule.forRoot({ connection: { url: server.url } })],
      }).compile()
      expect(await connections(client)).toBe(0)
      await module.init()
      const memory = module.get(MemoryService)
      await Promise.all(Array.from({ length: 20 }, (_, index) => memory.session(`s${index}`).append(hello)))
      expect(await connections(client)).toBe(1)
      await module.close()
      await poll(async () => (await connections(client)) === 0)
      await expect(memory.session('s0').messages()).rejects.toMatchObject({ code: 'SHUTDOWN', executed: 'no' })
      expect(await connections(client)).toBe(0)
    })

    it('is made by the first call when that comes before the start of the application', async () => {
      const module = await Test.createTestingModule({
        imports: [MemoryModule.forRoot({ connection: { url: redis.url } })],
      }).compile()
      opened.push(module)
      expect((await module.get(MemoryService).session('early').messages()).version).toBe('0')
    })

    it('lets the application start while Redis is away, and works when it comes', async () => {
      const server = await ownServer()
      await shutDown(server)
      const { memory } = await boot({ connection: { url: server.url }, resilience: { deadline: '150ms' } })
      const session = memory.session('late')
      for (const call of [
        () => session.append(hello),
        () => session.messages(),
        () => session.context(),
        () => session.state.get(),
      ]) {
        await expect(call()).rejects.toMatchObject({
          code: 'UNAVAILABLE',
          executed: 'no',
          retryable: true,
          sessionId: 'late',
          cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
        })
      }
      // Those that wait for another write wait for the connection with it.
      const codes = Array.from({ length: 50 }, () => session.append(hello).catch(({ code }: { code: string }) => code))
      expect(new Set(await Promise.all(codes))).toEqual(new Set(['UNAVAILABLE']))
      await server.restart({ keepData: false })
      // One that is answered too late is repeated as what it is.
      await poll(() => session.append(hello, { operationId: 'again' }).catch(() => undefined))
      expect((await session.messages()).messages).toHaveLength(1)
    })

    it('lets calls wait for it within their deadline', async () => {
      const server = await ownServer()
      const { memory } = await boot({
        connection: { url: server.url },
        resilience: { deadline: '10s', onLoss: 'report' },
      })
      const session = memory.session('waits')
      await session.append(hello)
      await shutDown(server)
      const waiting = session.append({ role: 'user', content: 'while it was away' }).then(
        ({ messages }) => messages.length,
        ({ executed }: { executed: string }) => executed,
      )
      await server.restart({ keepData: false })
      // In flight when the server went, or waiting for it to return.
      expect([1, 'unknown']).toContain(await waiting)
      expect((await session.append(hello)).stored).toBe('redis')
    })

    it('fails the start when it is required and Redis is away', async () => {
      const server = await ownServer()
      const { url } = server
      await server.stop()
      const options = { connection: { url }, connectOnBoot: 'required', resilience: { deadline: '200ms' } } as const
      await expect(boot(options)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('200 ms'),
      })
    })

    it('settles every call within the deadline on a server that hangs, and what was given up is not executed later', async () => {
      const server = await ownServer()
      const { memory } = await boot({ connection: { url: server.url }, resilience: { deadline: '350ms' } })
      const session = memory.session('hangs')
      await session.append(hello)
      const client = server.client()
      await client.client('PAUSE', 600, 'ALL')
      const start = performance.now()
      const failed = session.append({ role: 'user', content: 'late' }, { operationId: 'late' })
      const read = session.messages()
      await expect(failed).rejects.toMatchObject({
        code: 'TIMEOUT',
        executed: 'unknown',
        retryable: true,
        operationId: 'late',
      })
      await expect(read).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no' })
      expect(performance.now() - start).toBeGreaterThan(340)
      const later = await poll(() => session.messages().catch(() => undefined))
      expect(later.messages).toHaveLength(1)
      expect(await session.append({ role: 'user', content: 'late' }, { operationId: 'late' })).toMatchObject({
        duplicate: false,
      })
      expect((await session.messages()).messages).toHaveLength(2)
    })

    it('settles a burst of writes within one deadline, also those that wait for the first', async () => {
      const server = await ownServer()
      const { memory } = await boot({ connection: { url: server.url }, resilience: { deadline: '400ms' } })
      await memory.session('a').append(hello)
      await server.client().client('PAUSE', 3_000, 'ALL')
      const start = performance.now()
      const calls = Array.from({ length: 5 }, () => memory.session('burst').append(hello))
      const failures = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))
      expect(performance.now() - start).toBeLessThan(700)
      expect(failures).toMatchObject([
        { code: 'TIMEOUT', executed: 'unknown' },
        ...Array.from({ length: 4 }, () => ({
          code: 'TIMEOUT',
          // A later call has a little time left when the first has none.
          executed: expect.stringMatching(/^(no|unknown)$/),
          operationId: expect.any(String),
        })),
      ])
    })

    it('closes in bounded time also when the server hangs', async () => {
      const server = await ownServer()
      const { app, memory } = await boot({ connection: { url: server.url }, resilience: { deadline: '300ms' } })
      await memory.session('a').append(hello)
      await server.client().client('PAUSE', 5_000, 'ALL')
      const pending = memory
        .session('a')
        .append(hello)
        .catch((error: unknown) => error)
      const start = performance.now()
      await app.close()
      expect(performance.now() - start).toBeLessThan(3_000)
      expect(await pending).toMatchObject({ code: 'TIMEOUT', executed: 'unknown' })
    })

    it('heals after SCRIPT FLUSH', async () => {
      const { memory } = await boot({ connection: { url: redis.url } })
      const session = memory.session('flushed')
      await session.append(hello)
      const client = redis.client()
      await client.script('FLUSH')
      expect((await session.messages()).messages).toHaveLength(1)
      expect((await session.append(hello)).messages[0]?.seq).toBe(2)
      await session.delete()
      client.disconnect()
    })

    describe('says what is wrong', () => {
      it('with the credentials', async () => {
        const server = await ownServer()
        await server.client().config('SET', 'requirepass', 'the-secret')
        const url = server.url.replace('redis://', 'redis://:not-the-secret@')
        const { memory } = await boot({ connection: { url }, resilience: { deadline: '5s' } })
        const failed = memory.session('a').append(hello)
        await expect(failed).rejects.toMatchObject({ code: 'PERMISSION_DENIED', executed: 'no', retryable: false })
        const error = await failed.catch((failure: Error) => failure)
        expect(inspect(error, { depth: 10 })).not.toContain('secret')
      })

      it('with a key of another application', async () => {
        const namespace = `foreign-${randomUUID()}`
        const { memory } = await boot({ connection: { url: redis.url }, namespace })
        const client = redis.client()
        const key = `am:{${namespace}:~:s:a}`
        await client.set(key, 'x', 'PX', 60_000)
        for (const call of [() => memory.session('a').append(hello), () => memory.session('a').messages()]) {
          await expect(call()).rejects.toMatchObject({ code: 'CORRUPT', executed: 'no' })
        }
        expect(await client.get(key)).toBe('x')
        await client.unlink(key)
        client.disconnect()
      })

      it('with a server that is full, while reads and deletions go on', async () => {
        const server = await ownServer()
        const { memory } = await boot({ connection: { url: server.url } })
        const session = memory.session('full')
        await session.append(hello, { operationId: 'first' })
        const client = server.client()
        await client.config('SET', 'maxmemory', '1')
        const full = { code: 'SERVER_FULL', executed: 'no', retryable: true }
        await expect(session.append(hello)).rejects.toMatchObject(full)
        await expect(session.state.set({ a: 1 })).rejects.toMatchObject(full)
        expect((await session.messages()).messages).toHaveLength(1)
        expect((await session.context()).messages).toHaveLength(1)
        expect(await session.delete()).toBe(true)
      })

      it('with a read-only replica, while reads go on', async () => {
        const server = await ownServer()
        const { memory } = await boot({ connection: { url: server.url } })
        const session = memory.session('replica')
        await session.append(hello)
        const client = server.client()
        const ttl = await client.pttl(`am:{${NAMESPACE}:~:s:replica}`)
        expect(ttl).toBeGreaterThan(0)
        // The master of nobody: a replica that serves what it had.
        await client.replicaof('127.0.0.1', 1)
        await expect(session.append(hello)).rejects.toMatchObject({
          code: 'UNAVAILABLE',
          executed: 'no',
          message: expect.stringContaining('read-only'),
        })
        expect((await session.messages()).messages).toHaveLength(1)
      })

      it('with a server that is none', async () => {
        const server: Server = createServer((socket) =>
          socket
            .on('error', () => undefined)
            .resume()
            .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
        )
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        const { port } = server.address() as { port: number }
        const { memory } = await boot({ connection: { host: '127.0.0.1', port }, resilience: { deadline: '300ms' } })
        await expect(memory.session('a').messages()).rejects.toMatchObject({ code: 'CONFIG_INVALID', executed: 'no' })
        await closeAll()
        await promisify(server.close.bind(server))()
      })
    })

    describe('looks at maxmemory-policy', () => {
      it('and refuses one that evicts when asked to, until it is changed', async () => {
        const server = await ownServer('--maxmemory-policy', 'allkeys-lru')
        const options = { connection: { url: server.url }, requireNoEviction: true } as const
        await expect(boot({ ...options, connectOnBoot: 'required' })).rejects.toMatchObject({
          code: 'CONFIG_INVALID',
          path: 'requireNoEviction',
          message: expect.stringMatching(/allkeys-lru given; allowed: noeviction/),
        })
        const { memory } = await boot(options)
        await expect(memory.session('a').append(hello)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
        const client = server.client()
        expect(await client.dbsize()).toBe(0)
        await client.config('SET', 'maxmemory-policy', 'noeviction')
        await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        await poll(() =>
          memory
            .session('a')
            .append(hello)
            .catch(() => undefined),
        )
      })

      it('and only warns otherwise', async () => {
        const server = await ownServer('--maxmemory-policy', 'volatile-ttl')
        const lines: string[] = []
        const log = (line: string): void => void lines.push(line)
        const module = await Test.createTestingModule({
          imports: [MemoryModule.forRoot({ connection: { url: server.url } })],
        }).compile()
        module.useLogger({ log, warn: log, error: log })
        await module.init()
        opened.push(module)
        await module.get(MemoryService).session('a').append(hello)
        expect(lines).toContainEqual(expect.stringMatching(/connected to (Redis|Valkey) \d+\.\d+\.\d+/))
        expect(lines).toContainEqual(expect.stringContaining('volatile-ttl'))
      })
    })
  },
  { standalone: 'the ways to one server' },
)
