import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Injectable,
  Post,
  Query,
  Sse,
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
  MemoryExceptionFilter,
  MemoryModule,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type MemoryModuleOptions,
  type RememberedAnswer,
  type SessionLock,
} from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  FaultProxy,
  type MemoryTestingModule,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { map, type Observable } from 'rxjs'
import { poll } from '../../../support/poll.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { reachesAll } from '../../../support/reaches-all.js'
import type { Platform } from '../http-app.js'

/** What a test has the handlers answer. */
@Injectable()
export class Model {
  readonly asked: string[] = []
  readonly locks: SessionLock[] = []
  /** Of a stream, how many values there were. */
  ticked = 0
  answer: (message: string) => unknown = (message) => `re: ${message}`

  ask(message: string, lock?: SessionLock): unknown {
    this.asked.push(message)
    if (lock !== undefined) this.locks.push(lock)
    return this.answer(message)
  }
}

const told = ({ value, text }: RememberedAnswer): string => (text === '' ? `told: ${typeof value}` : text)

/** Sends something else than what the handler answered. */
class Replacing implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map(() => 'instead'))
  }
}

/** What a test has remembered of an answer. */
export const maker = { make: (answer: RememberedAnswer): unknown => answer.text }

@Controller('sessions/:sessionId')
@UseMemory({ session: 'params.sessionId' })
export class TurnsController {
  constructor(private readonly model: Model) {}

  @Post('texts')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  text(@Body('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Post('told')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message', assistant: told })
  told(@Body('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Post('made')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message', assistant: (answer) => maker.make(answer) as string })
  made(@Body('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Post('locked')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message', wait: '150ms' })
  @OneTurnAtATime({ wait: '150ms', ttl: '1s' })
  locked(@Body('message') message: string, @CurrentLock() lock: SessionLock): unknown {
    return this.model.ask(message, lock)
  }

  @Post('only-locked')
  @HttpCode(200)
  @OneTurnAtATime({ wait: '0ms' })
  onlyLocked(@Body('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Post('noted')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message', onError: 'store', onDisconnect: 'drop' })
  noted(@Body('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Get('streams')
  @RememberTurn({ user: 'query.message' })
  stream(@Query('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Get('dropped')
  @RememberTurn({ user: 'query.message', onDisconnect: 'drop' })
  dropped(@Query('message') message: string): unknown {
    return this.model.ask(message)
  }

  @Sse('events')
  @RememberTurn({ user: 'query.message' })
  events(@Query('message') message: string): Observable<{ data: string }> {
    return this.model.ask(message) as Observable<{ data: string }>
  }

  @Sse('dropped-events')
  @RememberTurn({ user: 'query.message', onDisconnect: 'drop' })
  droppedEvents(@Query('message') message: string): Observable<{ data: string }> {
    return this.model.ask(message) as Observable<{ data: string }>
  }

  @Sse('locked-events')
  @OneTurnAtATime({ wait: '5s' })
  @RememberTurn({ user: 'query.message' })
  lockedEvents(@Query('message') message: string): Observable<{ data: string }> {
    return this.model.ask(message) as Observable<{ data: string }>
  }
}

/** What stands below runs outside: it gets the stream of the turn, and never reads it. */
@Controller('sessions/:sessionId/replaced')
@OneTurnAtATime({ wait: '0ms' })
@UseMemory({ session: 'params.sessionId' })
@UseInterceptors(Replacing)
export class ReplacedController {
  constructor(private readonly model: Model) {}

  @Post()
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  replaced(@Body('message') message: string): unknown {
    return this.model.ask(message)
  }
}

export interface Sent {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

type Spoken = readonly [role: string, content: unknown, metadata?: unknown]

/** An application of turns, behind a proxy. */
export interface TurnsApp {
  readonly model: Model
  readonly proxy: FaultProxy
  readonly logger: RecordingLogger
  readonly tested: MemoryTestingModule
  readonly url: string
  /** A session of the test alone. */
  readonly id: string
  readonly post: (path: string, message: unknown, key?: string) => Promise<Sent>
  readonly get: (path: string, key?: string, signal?: AbortSignal) => Promise<Response>
  /** What was said in the session, without what is `undefined`. */
  readonly said: (id?: string) => Promise<Spoken[]>
}

const createApp = (platform: Platform, logger: RecordingLogger) => (module: MemoryTestingModule['module']) => {
  const app: INestApplication =
    platform === 'fastify'
      ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger })
      : module.createNestApplication(new ExpressAdapter(), { logger })
  return app.useGlobalFilters(new MemoryExceptionFilter())
}

const keyed = (key: string | undefined): Record<string, string> => (key === undefined ? {} : { 'idempotency-key': key })

/** For all tests of the suite; before each of them the network is healed, and nothing was asked. */
export const useTurnsApp = (
  redis: TestRedis,
  platform: Platform = 'express',
  options: Omit<MemoryModuleOptions, 'connection'> = {},
): TurnsApp => {
  const model = new Model()
  const logger = new RecordingLogger()
  let proxy: FaultProxy
  let tested: MemoryTestingModule
  let count = 0
  /** A client leaves when its response is collected: until the test is over, none is. */
  const held: Response[] = []
  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
    tested = await createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [MemoryModule.forRoot({ connection: proxy.connection, ...options })],
      controllers: [TurnsController, ReplacedController],
      providers: [{ provide: Model, useValue: model }],
      createApplication: createApp(platform, logger),
      listen: true,
    })
  })
  beforeEach(async () => {
    count += 1
    held.length = 0
    await proxy.restore()
    await poll(() => reachesAll(tested.memory))
    model.asked.length = 0
    model.locks.length = 0
    model.ticked = 0
    model.answer = (message) => `re: ${message}`
    logger.lines.length = 0
  })
  afterAll(async () => {
    await proxy.restore()
    await tested.close()
    await proxy.close()
  })
  const id = (): string => `s-${count}`
  const url = (path: string): string => `${tested.url}/sessions/${id()}/${path}`
  return {
    model,
    logger,
    get proxy() {
      return proxy
    },
    get tested() {
      return tested
    },
    get url() {
      return tested.url!
    },
    get id() {
      return id()
    },
    post: async (path, message, key) => {
      const answer = await fetch(url(path), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...keyed(key) },
        body: JSON.stringify({ message }),
        signal: AbortSignal.timeout(15_000),
      })
      return { status: answer.status, text: await answer.text(), headers: answer.headers }
    },
    get: async (path, key, signal) => {
      const answer = await fetch(url(path), { headers: keyed(key), signal: signal ?? AbortSignal.timeout(15_000) })
      held.push(answer)
      return answer
    },
    said: async (of = id()) => {
      const { messages } = await tested.memory.session(of).messages()
      return messages.map(({ role, content, metadata }) =>
        metadata === undefined ? [role, content] : [role, content, metadata],
      )
    },
  }
}

/** Yields them, and waits in between. */
export async function* slowly<T>(values: Iterable<T>, ms = 2): AsyncGenerator<T> {
  for (const value of values) {
    await delay(ms)
    yield value
  }
}
