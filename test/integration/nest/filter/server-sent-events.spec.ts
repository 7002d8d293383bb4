import { beforeEach, describe, expect, it } from '@jest/globals'
import { Module, type ModuleMetadata, type Type } from '@nestjs/common'
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { MemoryExceptionFilter, MemoryModule, MemorySerializationInterceptor } from 'nestjs-agent-memory'
import { describeWithRedis, type TestRedis } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../../lib/redis/keys.js'
import { readEvents, type SentEvent } from '../../../support/read-events.js'
import { EventsController, Script } from './events.controller.js'
import { useFilteredApp, type FilteredApp } from './use-filtered-app.js'

const script = new Script()

const application = (providers: ModuleMetadata['providers'] = []): Type => {
  @Module({
    imports: [
      MemoryModule.forRoot({
        connection: { url: 'redis://127.0.0.1:1' },
        resilience: { deadline: '400ms', breaker: false },
      }),
    ],
    controllers: [EventsController],
    providers: [
      { provide: Script, useValue: script },
      { provide: APP_INTERCEPTOR, useExisting: MemorySerializationInterceptor },
      ...providers,
    ],
  })
  class AppModule {}
  return AppModule
}

const FILTER = { provide: APP_FILTER, useExisting: MemoryExceptionFilter }

const ada = { 'x-user-id': 'ada' }
const grace = { 'x-user-id': 'grace' }

interface Answered {
  readonly status: number
  readonly contentType: string | null
  /** Of an answer that is no stream. */
  readonly body: Record<string, unknown>
  readonly events: readonly SentEvent[]
  /** What the last event says, when it is an `error` in problem details. */
  readonly problem: Record<string, unknown> | undefined
}

const problemIn = (event: SentEvent | undefined): Record<string, unknown> | undefined =>
  event?.event === 'error' && event.data.startsWith('{') ? JSON.parse(event.data) : undefined

const useEvents = (redis: TestRedis, platform: string, AppModule: Type) => {
  const app: FilteredApp = useFilteredApp(redis, {
    AppModule,
    createApplication: (module, logger) =>
      platform === 'fastify'
        ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger })
        : module.createNestApplication(new ExpressAdapter(), { logger }),
    listen: true,
  })
  beforeEach(() => {
    Object.assign(script, new Script())
  })
  const open = (path: string, headers: Record<string, string> = ada, signal?: AbortSignal): Promise<Response> =>
    fetch(`${app.tested.url}/sessions/${path}`, { headers, signal: signal ?? AbortSignal.timeout(10_000) })
  const ask = async (path: string, headers?: Record<string, string>): Promise<Answered> => {
    const response = await open(path, headers)
    const { status } = response
    const contentType = response.headers.get('content-type')
    const events: SentEvent[] = []
    if (contentType !== 'text/event-stream') {
      return { status, contentType, body: await response.json(), events, problem: undefined } as Answered
    }
    for await (const event of readEvents(response)) events.push(event)
    return { status, contentType, body: {}, events, problem: problemIn(events.at(-1)) }
  }
  return { app, open, ask }
}

describeWithRedis('errors of server-sent events', (redis) => {
  describe.each(['express', 'fastify'])('on %s', (platform) => {
    const { app, open, ask } = useEvents(redis, platform, application([FILTER]))

    it.each([
      ['a session without a user', 'owned/used', {}, 'headers.x-user-id'],
      ['an id with a glob in it', 'a*b/used', ada, 'params.id'],
      ['a turn of which nothing was said', 'owned/turns', ada, 'query.message'],
      ['what the handler throws at once', 'owned/refused', ada, 'query.page'],
    ])('have the status before the stream begins: %s', async (_name, path, headers, place) => {
      const { status, contentType, body } = await ask(path, headers)
      expect([status, contentType]).toEqual([400, expect.stringMatching(/^application\/problem\+json/)])
      expect(body).toMatchObject({ status: 400, code: 'ARGUMENT_INVALID', path: place })
      expect(app.logger.lines).toEqual([])
    })

    it('are an event once the call has waited, however short', async () => {
      const { status, events, problem } = await ask('owned/later')
      expect([status, events.length]).toEqual([200, 1])
      expect(problem).toMatchObject({ status: 400, code: 'ARGUMENT_INVALID' })
    })

    it('are one event, of a lock that cannot be had', async () => {
      const holding = new AbortController()
      const held = await open('owned/held', ada, holding.signal)
      await held.body!.getReader().read()
      // Redis is faster than Nest with its headers now and then.
      for (let time = 0; time < 20; time += 1) {
        const { status, events, problem } = await ask('owned/locked')
        expect([status, events.length]).toEqual([200, 1])
        expect(problem).toStrictEqual({
          type: 'about:blank',
          title: 'Locked',
          status: 423,
          detail: expect.any(String),
          code: 'LOCKED',
          retryable: true,
          executed: 'no',
        })
      }
      holding.abort()
      expect(app.logger.lines).toEqual([])
    })

    it.each(['read', 'locked', 'turns?message=hi'])('are an event, of a session of another user: %s', async (path) => {
      const { status, problem } = await ask(`owned/${path}`, grace)
      expect(status).toBe(200)
      expect(problem).toMatchObject({ status: 404, code: 'SESSION_NOT_FOUND', retryable: false })
      expect(app.logger.lines).toEqual([])
    })

    it.each(['used', 'exposed', 'locked', 'turns?message=hi'])(
      'are the last event of one that fails on its way: %s',
      async (path) => {
        script.end = () =>
          app.tested.memory.session('owned').append({ role: 'user', content: 'secret' }, { expectedVersion: '0' })
        const { status, events, problem } = await ask(`owned/${path}`)
        expect(status).toBe(200)
        expect(events.map(({ event }) => event)).toEqual(['message', 'message', 'error'])
        expect(problem).toMatchObject({ status: 409, code: 'VERSION_MISMATCH', path: 'options.expectedVersion' })
        expect(JSON.stringify(events)).not.toContain('secret')
        expect(app.logger.lines).toEqual([])
      },
    )

    it('are the last event of one that cannot be kept', async () => {
      script.words = ['a ']
      script.end = async () => {
        await app.proxy.refuse()
        app.proxy.cut()
        return 'b'
      }
      const { status, events, problem } = await ask('away/turns?message=hi')
      expect(app.proxy.faults.cut).toBeGreaterThan(0)
      // The last word is held back until the turn is kept.
      expect([status, events.map(({ data }) => data).slice(0, -1)]).toEqual([200, ['a ']])
      expect(problem).toMatchObject({
        status: 503,
        code: 'UNAVAILABLE',
        retryable: true,
        operationId: expect.any(String),
      })
    })

    it('keep what is the matter inside to themselves, and to the log', async () => {
      const key = sessionKey({ namespace: app.tested.namespace, tenant: undefined, sessionId: 'foreign' })
      const client = redis.client()
      await client.set(key, 'of another application', 'EX', 60)
      client.disconnect()
      const { problem } = await ask('foreign/turns?message=hi')
      expect(problem).toMatchObject({
        status: 500,
        code: 'CORRUPT',
        detail: 'The memory of this application failed; the log of the application says why',
      })
      expect(app.logger.lines).toHaveLength(1)
      expect(app.logger.ofMemory[0]).toMatchObject({
        level: 'error',
        text: expect.stringMatching(/^CORRUPT: .*WRONGTYPE.* \(session "foreign", operation ".+"\)$/),
        whole: expect.stringContaining('MemoryCorruptError'),
      })
    })

    it('go on as they are when they are none of the memory', async () => {
      script.end = () => {
        throw new Error('the model is away')
      }
      const { status, events, problem } = await ask('owned/turns?message=hi')
      expect([status, events.at(-1), problem]).toEqual([
        200,
        { event: 'error', data: 'Internal server error' },
        undefined,
      ])
      expect(app.logger.lines.map(({ text }) => text)).toEqual(['Error: the model is away'])
      expect(app.logger.ofMemory).toEqual([])
    })
  })

  describe('where no filter stands', () => {
    const { ask } = useEvents(redis, 'express', application())

    it('are an event all the same', async () => {
      expect((await ask('owned/turns?message=hi', grace)).problem).toMatchObject({ code: 'SESSION_NOT_FOUND' })
    })
  })
})
