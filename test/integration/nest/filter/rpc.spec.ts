import { afterAll, beforeAll, expect, it } from '@jest/globals'
import {
  BadGatewayException,
  Controller,
  Headers,
  HttpException,
  Inject,
  Module,
  Param,
  Post,
  type INestApplication,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import {
  EventPattern,
  MessagePattern,
  Payload,
  type ClientProxy,
  type MicroserviceOptions,
} from '@nestjs/microservices'
import { MemoryExceptionFilter, MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { Test } from '@nestjs/testing'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { catchError, defer, firstValueFrom, throwError, type Observable } from 'rxjs'
import { poll } from '../../../support/poll.js'
import { clientOf, ON_ANY_PORT } from '../../../support/tcp-microservice.js'
import { sessionKey } from '../../../../lib/redis/keys.js'
import { useFilteredApp } from './use-filtered-app.js'

interface Said {
  readonly id: string
  readonly userId?: string
  readonly operationId?: string
}

@Controller()
class SessionsController {
  constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

  @MessagePattern('append')
  append(@Payload() { id, userId, operationId }: Said) {
    return this.memory.session(id, { userId }).append({ role: 'user', content: 'secret' }, { operationId })
  }

  @MessagePattern('append-later')
  appendLater(@Payload() said: Said) {
    return defer(() => this.append(said))
  }

  @EventPattern('said')
  async said(@Payload() said: Said): Promise<void> {
    await this.append(said)
  }
}

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: 'redis://127.0.0.1:1' },
      resilience: { deadline: '400ms', breaker: false },
    }),
  ],
  controllers: [SessionsController],
  providers: [{ provide: APP_FILTER, useExisting: MemoryExceptionFilter }],
})
class AppModule {}

const toHttp = (error: { readonly statusCode?: number }): Observable<never> =>
  throwError(() =>
    error.statusCode === undefined ? new BadGatewayException() : new HttpException(error, error.statusCode),
  )

/** Of another application, which knows nothing of the memory. */
@Controller('sessions/:id/messages')
class GatewayController {
  constructor(@Inject('SERVICE') private readonly service: ClientProxy) {}

  @Post()
  append(@Param('id') id: string, @Headers('x-user-id') userId: string) {
    return this.service.send<unknown>('append', { id, userId }).pipe(catchError(toHttp))
  }
}

describeWithRedis('MemoryExceptionFilter over RPC', (redis) => {
  let client: ClientProxy
  // Before the application does.
  afterAll(() => client.close())
  const app = useFilteredApp(redis, {
    AppModule,
    createApplication: (module, logger) => {
      const application = module.createNestApplication({ logger })
      application.connectMicroservice<MicroserviceOptions>(ON_ANY_PORT, { inheritAppConfig: true })
      return application
    },
  })
  beforeAll(async () => {
    await app.tested.app.startAllMicroservices()
    client = clientOf(app.tested.app.getMicroservices()[0]!)
  })

  const errorOf = (pattern: string, said: Said): Promise<unknown> =>
    firstValueFrom(client.send<unknown>(pattern, said)).then(
      () => {
        throw new Error('it was answered')
      },
      (error: unknown) => error,
    )

  it.each(['append', 'append-later'])('gives the caller of %s an object', async (pattern) => {
    expect(await errorOf(pattern, { id: 'owned', userId: 'grace', operationId: 'turn-1' })).toStrictEqual({
      status: 'error',
      statusCode: 404,
      code: 'SESSION_NOT_FOUND',
      message: 'there is no such session for this user',
      retryable: false,
      executed: 'no',
      operationId: 'turn-1',
    })
    expect(await errorOf(pattern, { id: 'a*b' })).toMatchObject({
      statusCode: 400,
      code: 'ARGUMENT_INVALID',
      path: 'sessionId',
      message: expect.stringContaining('a string with "*"'),
    })
    expect(app.logger.lines.map(({ whole }) => whole).join('\n')).not.toContain('secret')
  })

  it('says of Redis that is away to repeat, and under which id', async () => {
    await app.proxy.refuse()
    app.proxy.cut()
    const error = await errorOf('append', { id: 'away' })
    expect(app.proxy.faults.cut).toBeGreaterThan(0)
    expect(error).toMatchObject({
      status: 'error',
      statusCode: 503,
      code: 'UNAVAILABLE',
      retryable: true,
      executed: 'no',
      operationId: expect.any(String),
    })
  })

  it('tells a gateway which status to answer with', async () => {
    const module = await Test.createTestingModule({
      controllers: [GatewayController],
      providers: [{ provide: 'SERVICE', useValue: client }],
    }).compile()
    const gateway: INestApplication = module.createNestApplication({ logger: app.logger })
    await gateway.listen(0, '127.0.0.1')
    const url = await gateway.getUrl()
    const append = async (userId: string): Promise<unknown[]> => {
      const response = await fetch(`${url}/sessions/owned/messages`, {
        method: 'POST',
        headers: { 'x-user-id': userId },
      })
      return [response.status, await response.json()]
    }
    try {
      expect(await append('ada')).toEqual([201, expect.objectContaining({ stored: 'redis' })])
      expect(await append('grace')).toEqual([404, expect.objectContaining({ code: 'SESSION_NOT_FOUND' })])
      await app.proxy.refuse()
      app.proxy.cut()
      expect(await append('ada')).toEqual([503, expect.objectContaining({ code: 'UNAVAILABLE', retryable: true })])
      expect(app.proxy.faults.cut).toBeGreaterThan(0)
    } finally {
      await gateway.close()
    }
  })

  it('keeps what is the matter inside to itself, and to the log', async () => {
    const key = sessionKey({ namespace: app.tested.namespace, tenant: undefined, sessionId: 'foreign' })
    const direct = redis.client()
    await direct.set(key, 'of another application', 'EX', 60)
    direct.disconnect()
    expect(await errorOf('append', { id: 'foreign' })).toMatchObject({
      statusCode: 500,
      code: 'CORRUPT',
      message: 'The memory of this application failed; the log of the application says why',
    })
    expect(app.logger.lines.map(({ level }) => level)).toEqual(['error'])
  })

  it('logs what became of an event, for nobody is told', async () => {
    await firstValueFrom(client.emit('said', { id: 'owned', userId: 'grace', operationId: 'turn-2' }), {
      defaultValue: undefined,
    })
    expect(await poll(() => app.logger.ofMemory[0])).toMatchObject({
      level: 'warn',
      text: 'a message or an event failed: SESSION_NOT_FOUND: there is no such session for this user (session "owned", operation "turn-2")',
    })
  })
})
