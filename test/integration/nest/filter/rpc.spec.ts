import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { Controller, Inject, Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  Transport,
  type ClientProxy,
  type MicroserviceOptions,
} from '@nestjs/microservices'
import { MemoryExceptionFilter, MemoryModule, MemoryService } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  describeWithRedis,
  FaultProxy,
  type MemoryTestingModule,
} from 'nestjs-agent-memory/testing'
import { defer, firstValueFrom } from 'rxjs'
import { freePort } from '../../../../lib/testing/real-redis/free-port.js'
import { poll } from '../../../support/poll.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { succeeds } from '../../../support/succeeds.js'
import { sessionKey } from '../../../../lib/redis/keys.js'

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

describeWithRedis('MemoryExceptionFilter over RPC', (redis) => {
  const logger = new RecordingLogger()
  let proxy: FaultProxy
  let tested: MemoryTestingModule
  let client: ClientProxy

  beforeAll(async () => {
    const options = { transport: Transport.TCP, options: { host: '127.0.0.1', port: await freePort() } } as const
    proxy = await FaultProxy.before(redis)
    tested = await createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [AppModule],
      createApplication: (module) => {
        const app = module.createNestApplication({ logger })
        app.connectMicroservice<MicroserviceOptions>(options, { inheritAppConfig: true })
        return app
      },
    })
    await tested.app.startAllMicroservices()
    client = ClientProxyFactory.create(options)
    await tested.memory.session('owned', { userId: 'ada' }).append({ role: 'user', content: 'a' })
  })

  beforeEach(async () => {
    await proxy.restore()
    await poll(() => succeeds(tested.memory.session('there').info()))
    logger.lines.length = 0
  })

  afterAll(async () => {
    await client.close()
    await tested.close()
    await proxy.close()
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
      code: 'SESSION_NOT_FOUND',
      message: 'there is no such session for this user',
      retryable: false,
      executed: 'no',
      operationId: 'turn-1',
    })
    expect(await errorOf(pattern, { id: 'a*b' })).toMatchObject({
      code: 'ARGUMENT_INVALID',
      path: 'sessionId',
      message: expect.stringContaining('a string with "*"'),
    })
    expect(logger.lines.map(({ whole }) => whole).join('\n')).not.toContain('secret')
  })

  it('says of Redis that is away to repeat, and under which id', async () => {
    await proxy.refuse()
    proxy.cut()
    const error = await errorOf('append', { id: 'away' })
    expect(proxy.faults.cut).toBeGreaterThan(0)
    expect(error).toMatchObject({
      status: 'error',
      code: 'UNAVAILABLE',
      retryable: true,
      executed: 'no',
      operationId: expect.any(String),
    })
  })

  it('keeps what is the matter inside to itself, and to the log', async () => {
    const key = sessionKey({ namespace: tested.namespace, tenant: undefined, sessionId: 'foreign' })
    const direct = redis.client()
    await direct.set(key, 'of another application', 'EX', 60)
    direct.disconnect()
    expect(await errorOf('append', { id: 'foreign' })).toMatchObject({
      code: 'CORRUPT',
      message: 'The memory of this application failed; the log of the application says why',
    })
    expect(logger.lines.map(({ level }) => level)).toEqual(['error'])
  })

  it('logs what became of an event, for nobody is told', async () => {
    await firstValueFrom(client.emit('said', { id: 'owned', userId: 'grace', operationId: 'turn-2' }), {
      defaultValue: undefined,
    })
    expect(await poll(() => logger.ofMemory[0])).toMatchObject({
      level: 'warn',
      text: 'a message or an event failed: SESSION_NOT_FOUND: there is no such session for this user (session "owned", operation "turn-2")',
    })
  })
})
