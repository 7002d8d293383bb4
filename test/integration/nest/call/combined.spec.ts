import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Injectable,
  Post,
  Query,
  RequestTimeoutException,
  Scope,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import {
  CurrentLock,
  getMemoryToken,
  CurrentSession,
  MemoryExceptionFilter,
  MemoryModule,
  MemoryService,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type AgentSession,
  type SessionLock,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { catchError, throwError, timeout, TimeoutError, type Observable } from 'rxjs'
import { keysOf } from '../../../support/on-each-master.js'
import { poll } from '../../../support/poll.js'

/** What a test has the handlers do. */
const model: { ask: (message: string, lock?: SessionLock) => unknown } = { ask: (message) => `re: ${message}` }
const asked: string[] = []
const ask = (message: string, lock?: SessionLock): unknown => {
  asked.push(message)
  return model.ask(message, lock)
}

class Money {
  constructor(readonly amount: number) {}
}

/** As the documentation of Nest has it. */
class Timeout implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout(100),
      catchError((error: unknown) =>
        throwError(() => (error instanceof TimeoutError ? new RequestTimeoutException() : error)),
      ),
    )
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly id = randomUUID()
}

@Controller({ path: 'requests/:id', scope: Scope.REQUEST })
@UseMemory({ session: 'params.id' })
class PerRequestController {
  constructor(private readonly per: PerRequest) {}

  @Post()
  @HttpCode(200)
  @OneTurnAtATime()
  @RememberTurn({ user: 'body.message' })
  turn(@Body('message') message: string, @CurrentSession() session: AgentSession): string {
    ask(message)
    return `${session.id} ${this.per.id}`
  }
}

@Controller('base/:id')
@UseMemory({ session: 'params.id' })
class BaseController {
  @Get('said')
  @RememberTurn({ user: 'query.message' })
  said(@Query('message') message: string, @CurrentSession() session: AgentSession): string {
    ask(message)
    return session.id
  }
}

@Controller('derived/:id')
@UseMemory({ session: 'query.other' })
class DerivedController extends BaseController {}

@Controller('several/:id')
@UseMemory({ session: 'params.id' })
@UseMemory({ session: 'params.id', name: 'billing' })
class SeveralController {
  @Post('locked')
  @HttpCode(200)
  @OneTurnAtATime({ ttl: '1s' })
  @RememberTurn({ user: 'body.message', name: 'billing' })
  locked(@Body('message') message: string, @CurrentLock() lock: SessionLock): unknown {
    return ask(message, lock)
  }

  @Post('billed')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message', name: 'billing', assistant: () => 'billed' })
  billed(@Body('message') message: string): unknown {
    return ask(message)
  }
}

@Controller('timed/:id')
@UseMemory({ session: 'params.id' })
@UseInterceptors(Timeout)
class TimedController {
  @Post()
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  turn(@Body('message') message: string): unknown {
    return ask(message)
  }
}

describeWithRedis('decorators beside each other', (redis) => {
  describe.each(['express', 'fastify'] as const)('on %s', (platform) => {
    let tested: MemoryTestingModule
    beforeAll(async () => {
      tested = await createMemoryTestingModule({
        redis,
        imports: [
          MemoryModule.forRoot({ connection: redis.connection, serialization: { types: [Money] } }),
          MemoryModule.forFeature('billing', { serialization: { types: [] } }),
        ],
        controllers: [PerRequestController, BaseController, DerivedController, SeveralController, TimedController],
        providers: [PerRequest],
        createApplication: (module): INestApplication => {
          const app: INestApplication =
            platform === 'fastify'
              ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
              : module.createNestApplication(new ExpressAdapter(), { logger: false })
          return app.useGlobalFilters(new MemoryExceptionFilter())
        },
        listen: true,
      })
    })
    beforeEach(() => {
      asked.length = 0
      model.ask = (message) => `re: ${message}`
    })
    afterAll(() => tested.close())

    const send = async (path: string, message: string, key?: string): Promise<{ status: number; text: string }> => {
      const response = await fetch(`${tested.url}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        body: JSON.stringify({ message }),
      })
      return { status: response.status, text: await response.text() }
    }
    const said = async (id: string): Promise<unknown[]> =>
      (await tested.memory.session(id).messages()).messages.map(({ role, content, metadata }) =>
        metadata === undefined ? [role, content] : [role, content, metadata],
      )

    it('work for controllers that are made for each request', async () => {
      const key = randomUUID()
      const first = await send('requests/r', 'hi', key)
      expect(first).toEqual({ status: 200, text: expect.stringMatching(/^r [\w-]{36}$/) })
      expect(await send('requests/r', 'hi', key)).toEqual(first)
      const second = await send('requests/r', 'hi')
      expect(second.text).not.toBe(first.text)
      expect(asked).toHaveLength(2)
      expect(await said('r')).toEqual([
        ['user', 'hi'],
        ['assistant', first.text],
        ['user', 'hi'],
        ['assistant', second.text],
      ])
    })

    it('are those of the class a call is for, where several have the same handler', async () => {
      for (let time = 0; time < 2; time += 1) {
        expect(await (await fetch(`${tested.url}/base/a/said?message=hi&other=b`)).text()).toBe('a')
        expect(await (await fetch(`${tested.url}/derived/a/said?message=hi&other=b`)).text()).toBe('b')
      }
      expect([await said('a'), await said('b')]).toMatchObject([{ length: 4 }, { length: 4 }])
    })

    it('have HEAD and GET be one turn under one key, and OPTIONS none', async () => {
      const headers = { 'idempotency-key': randomUUID() }
      const url = `${tested.url}/base/h/said?message=hi`
      expect((await fetch(url, { method: 'OPTIONS', headers })).status).toBe(404)
      expect((await fetch(url, { method: 'HEAD', headers })).status).toBe(200)
      expect(await (await fetch(url, { headers })).text()).toBe('h')
      expect(asked).toEqual(['hi'])
      expect(await said('h')).toHaveLength(2)
    })

    it('keep answers as the memory of the turn keeps values, whatever another one knows', async () => {
      model.ask = () => ({ total: new Money(3) })
      const key = randomUUID()
      for (let time = 0; time < 2; time += 1) {
        expect(await send('several/t/billed', 'hi', key)).toEqual({ status: 200, text: '{"total":{"amount":3}}' })
      }
      expect(asked).toHaveLength(1)
    })

    it.each([undefined, randomUUID()])(
      'keep no turn when the lock of another memory was lost (key: %s)',
      async (key) => {
        const client = redis.client()
        model.ask = async (message, lock) => {
          // Others have taken it.
          const [session] = await keysOf(redis, `*${tested.namespace}:*:s:lost}`)
          await client.hset(session!, 'L', `other ${Date.now() + 60_000}`)
          await poll(() => lock!.signal.aborted)
          return message
        }
        const { status, text } = await send('several/lost/locked', 'hi', key)
        expect([status, JSON.parse(text).code]).toEqual([409, 'LOCK_LOST'])
        expect(
          (await tested.app.get<MemoryService>(getMemoryToken('billing')).session('lost').messages()).messages,
        ).toEqual([])
        client.disconnect()
      },
    )

    it('leave a turn that was given up before it was answered to the next call', async () => {
      model.ask = () => new Promise(() => undefined)
      const key = randomUUID()
      for (let time = 0; time < 2; time += 1) expect((await send('timed/x', 'hi', key)).status).toBe(408)
      model.ask = (message) => `re: ${message}`
      expect(await poll(async () => (await said('x')).length > 0 && send('timed/x', 'hi', key))).toEqual({
        status: 200,
        text: 're: hi',
      })
      expect(asked).toHaveLength(3)
      expect(await said('x')).toEqual([
        ['user', 'hi', { interrupted: true }],
        ['user', 'hi'],
        ['assistant', 're: hi'],
      ])
    })
  })
})
