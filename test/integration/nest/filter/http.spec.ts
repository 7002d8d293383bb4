import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  Inject,
  Injectable,
  Module,
  type MiddlewareConsumer,
  type NestModule,
  type NestMiddleware,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { MEMORY_MEDIA_TYPE, MemoryExceptionFilter, MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../../lib/redis/keys.js'
import { poll } from '../../../support/poll.js'
import { reachesAll } from '../../../support/reaches-all.js'
import { SessionsController } from './sessions.controller.js'
import { useFilteredApp } from './use-filtered-app.js'

/** Runs before any route is known: on Fastify with the response of Node. */
@Injectable()
class QuotaMiddleware implements NestMiddleware {
  constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

  async use(_request: unknown, _response: unknown, next: () => void): Promise<void> {
    await this.memory.session('quota').touch()
    next()
  }
}

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: 'redis://127.0.0.1:1' },
      isGlobal: true,
      session: { maxMessages: 3, maxMessageBytes: '1kb', onFull: 'refuse' },
      resilience: { deadline: '400ms', breaker: false },
    }),
  ],
  controllers: [SessionsController],
  providers: [{ provide: APP_FILTER, useExisting: MemoryExceptionFilter }],
})
class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(QuotaMiddleware).forRoutes('limited')
  }
}

const ada = { 'x-user-id': 'ada' }

interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

describeWithRedis('MemoryExceptionFilter over HTTP', (redis) => {
  describe.each(['express', 'fastify'])('on %s', (platform) => {
    const app = useFilteredApp(redis, {
      AppModule,
      createApplication: (module, logger) =>
        platform === 'fastify'
          ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger })
          : module.createNestApplication(new ExpressAdapter(), { logger }),
      listen: true,
    })

    beforeAll(async () => {
      const { memory } = app.tested
      await memory.session('deleted').append({ role: 'user', content: 'secret' }, { operationId: 'turn-1' })
      await memory.session('deleted').delete()
      for (const operationId of ['1', '2', '3']) {
        await memory.session('full').append({ role: 'user', content: 'a' }, { operationId })
      }
    })

    const ask = async (
      method: string,
      path: string,
      headers: Record<string, string> = {},
      body?: unknown,
    ): Promise<Answered> => {
      const response = await fetch(`${app.tested.url}/${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      })
      const text = await response.text()
      const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isProblem && text !== '' ? JSON.parse(text) : {},
      }
    }

    const append = (id: string, headers: Record<string, string> = {}, content = 'secret'): Promise<Answered> =>
      ask('POST', `sessions/${id}/messages`, headers, { content })

    it('says of Redis that is away: 503, and when to come back', async () => {
      await app.proxy.refuse()
      app.proxy.cut()
      const { status, headers, body } = await append('away', { 'idempotency-key': 'turn-1' })
      expect(app.proxy.faults.cut).toBeGreaterThan(0)
      expect(status).toBe(503)
      expect(headers.get('retry-after')).toBe('1')
      expect(body).toStrictEqual({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: expect.stringContaining('no connection to Redis'),
        code: 'UNAVAILABLE',
        retryable: true,
        executed: 'no',
        operationId: 'turn-1',
      })
      const read = await ask('GET', 'sessions/away/messages')
      expect(read.body).toMatchObject({ status: 503, code: 'UNAVAILABLE', executed: 'no' })
      expect(read.body).not.toHaveProperty('operationId')
      expect(read.headers.get('retry-after')).toBe('1')
      expect(app.logger.ofMemory.map(({ level }) => level)).not.toContain('error')
    })

    it('says of an answer that does not come: 504, and under which id to repeat', async () => {
      await append('slow')
      app.proxy.blackhole()
      const { status, headers, body } = await append('slow')
      expect(status).toBe(504)
      expect(headers.get('retry-after')).toBeNull()
      expect(body).toMatchObject({ code: 'TIMEOUT', retryable: true, executed: 'unknown' })
      await app.proxy.restore({ ghosts: true })
      await poll(() => reachesAll(app.tested.memory))
      const again = await append('slow', { 'idempotency-key': String(body['operationId']) })
      expect(again.status).toBe(201)
      expect((await app.tested.memory.session('slow').messages()).messages).toHaveLength(2)
    })

    it('says of a lock that others hold: 423, and when to come back', async () => {
      const held = await app.tested.memory.session('locked').withLock(() => ask('POST', 'sessions/locked/lock'))
      expect(held.status).toBe(423)
      expect(held.headers.get('retry-after')).toBe('1')
      expect(held.body).toMatchObject({ title: 'Locked', code: 'LOCKED', retryable: true, executed: 'no' })
      expect((await ask('POST', 'sessions/locked/lock')).text).toBe('held')
    })

    it.each<[number, string, string, () => Promise<Answered>, Record<string, unknown>?]>([
      [400, 'ARGUMENT_INVALID', 'an id with a glob in it', () => append('a*b'), { path: 'sessionId' }],
      [
        400,
        'NOT_SERIALIZABLE',
        'a value that cannot be kept',
        () => ask('PUT', 'sessions/function/function'),
        { path: 'messages[0].metadata.call' },
      ],
      [
        413,
        'TOO_LARGE',
        'an oversize message',
        () => append('large', {}, 'secret'.repeat(200)),
        { path: 'messages[0]' },
      ],
      [404, 'SESSION_NOT_FOUND', 'the session of another user', () => append('owned', { 'x-user-id': 'grace' })],
      [
        409,
        'VERSION_MISMATCH',
        'a version that is not the last',
        () => append('owned', { 'x-user-id': 'ada', 'if-match': '0' }),
        { path: 'options.expectedVersion' },
      ],
      [
        409,
        'OPERATION_REUSED',
        'an id used before',
        () => append('owned', { ...ada, 'idempotency-key': 'turn-1' }, 'b'),
      ],
      [
        410,
        'SESSION_DELETED',
        'a retry from before a deletion',
        () => append('deleted', { 'idempotency-key': 'turn-1' }),
      ],
      [507, 'SESSION_FULL', 'a session that takes no more', () => append('full')],
    ])('answers %i %s to %s', async (status, code, _name, request, more = {}) => {
      const answered = await request()
      expect(answered.status).toBe(status)
      expect(answered.body).toMatchObject({ status, code, retryable: false, executed: 'no', ...more })
      expect(answered.body['detail']).toMatch(/\w{3}/)
      expect(answered.headers.get('retry-after')).toBeNull()
      expect(answered.text).not.toMatch(/secret|sessionId":/)
      expect(app.logger.ofMemory).toHaveLength(0)
    })

    it('keeps what is the matter inside to itself, and to the log', async () => {
      const key = sessionKey({ namespace: app.tested.namespace, tenant: undefined, sessionId: 'foreign' })
      const client = redis.client()
      await client.set(key, 'of another application', 'EX', 60)
      client.disconnect()
      const { status, text, body } = await append('foreign', { 'idempotency-key': 'turn-1' })
      expect(status).toBe(500)
      expect(body).toStrictEqual({
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        detail: 'The memory of this application failed; the log of the application says why',
        code: 'CORRUPT',
        retryable: false,
        executed: 'no',
        operationId: 'turn-1',
      })
      expect(text).not.toMatch(/WRONGTYPE|namespace/)
      expect(app.logger.ofMemory).toHaveLength(1)
      expect(app.logger.ofMemory[0]).toMatchObject({
        level: 'error',
        text: expect.stringMatching(/^CORRUPT: .*WRONGTYPE.* \(session "foreign", operation "turn-1"\)$/),
        whole: expect.stringContaining('MemoryCorruptError'),
      })
    })

    it.each([
      ['cyclic', 'application/json'],
      ['function', MEMORY_MEDIA_TYPE],
    ])('takes an answer that cannot be serialized for no fault of the client: %s', async (path, accept) => {
      const { status, text, body } = await ask('GET', `sessions/a/${path}`, { accept })
      expect(status).toBe(500)
      expect(body).toMatchObject({ code: 'NOT_SERIALIZABLE', retryable: false })
      expect(text).not.toMatch(/secret|"path"/)
      expect(app.logger.ofMemory).toHaveLength(1)
      expect(app.logger.ofMemory[0]?.text).toMatch(/^NOT_SERIALIZABLE: (response\.secret|value\.call)/)
    })

    it('ends an answer that has begun', async () => {
      const { status, text } = await ask('GET', 'sessions/missing/begun')
      expect([status, text]).toEqual([200, 'begun'])
      expect(app.logger.lines).toHaveLength(1)
      expect(app.logger.lines[0]).toMatchObject({
        level: 'error',
        text: expect.stringMatching(/^an answer broke off: SESSION_NOT_FOUND: .* \(session "missing"\)$/),
      })
      expect((await append('after')).status).toBe(201)
    })

    it('answers an event stream that has not begun', async () => {
      const accept = { accept: 'text/event-stream' }
      const { status, body } = await ask('GET', 'sessions/owned/events', { ...accept, 'x-user-id': 'grace' })
      expect([status, body['code']]).toEqual([404, 'SESSION_NOT_FOUND'])
      expect((await ask('GET', 'sessions/owned/events', { ...accept, ...ada })).text).toMatch(/data: \S/)
    })

    it('answers for middleware', async () => {
      const { status, headers, body } = await ask('GET', 'limited')
      expect(status).toBe(404)
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(body).toMatchObject({ code: 'SESSION_NOT_FOUND' })
    })

    it('says nothing to HEAD but the status', async () => {
      const { status, headers, text } = await ask('HEAD', 'sessions/a*b/messages')
      expect([status, text]).toEqual([400, ''])
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    })
  })
})
