import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { Controller, type INestMicroservice } from '@nestjs/common'
import {
  EventPattern,
  MessagePattern,
  Payload,
  type ClientProxy,
  type MicroserviceOptions,
} from '@nestjs/microservices'
import {
  CurrentSession,
  MemoryExceptionFilter,
  MemoryModule,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type AgentSession,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { firstValueFrom, from, toArray, type Observable } from 'rxjs'
import { poll } from '../../../support/poll.js'
import { clientOf, ON_ANY_PORT } from '../../../support/tcp-microservice.js'

interface Asked {
  readonly session: string
  readonly message: string
  readonly key?: string
}

const asked: string[] = []

@Controller()
@UseMemory({ session: 'data.session' })
@RememberTurn({ user: 'data.message', idempotencyKey: 'data.key', onError: 'store' })
class AgentController {
  @MessagePattern('turn')
  @OneTurnAtATime()
  turn(@Payload() { message }: Asked, @CurrentSession() session: AgentSession): string {
    asked.push(message)
    if (message === 'fail') throw new Error('the model is away')
    return `${session.id}: ${message}`
  }

  @MessagePattern('many')
  many(@Payload() { message }: Asked): Observable<string> {
    asked.push(message)
    return from(['a ', 'b ', message])
  }

  @MessagePattern('event')
  event(): unknown {
    return { event: 'turn', data: 'hi' }
  }

  @EventPattern('noted')
  noted(@Payload() { message }: Asked): string {
    asked.push(message)
    return `noted ${message}`
  }
}

describeWithRedis('turns over RPC', (redis) => {
  let tested: MemoryTestingModule<INestMicroservice>
  let client: ClientProxy
  beforeAll(async () => {
    tested = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
      controllers: [AgentController],
      createApplication: (module) => {
        const app = module.createNestMicroservice<MicroserviceOptions>({ ...ON_ANY_PORT, logger: false })
        app.useGlobalFilters(new MemoryExceptionFilter())
        return app
      },
    })
    await tested.app.listen()
    client = clientOf(tested.app)
  })
  beforeEach(() => {
    asked.length = 0
  })
  afterAll(async () => {
    await client.close()
    await tested.close()
  })

  const send = (pattern: string, data: Partial<Asked>): Promise<unknown[]> =>
    firstValueFrom(client.send<unknown>(pattern, data).pipe(toArray()))
  const said = async (id: string): Promise<unknown[]> =>
    (await tested.memory.session(id).messages()).messages.map(({ role, content }) => [role, content])

  it('are kept, and are one for one key', async () => {
    const turn = { session: 'a', message: 'hi', key: randomUUID() }
    const answers = await Promise.all(Array.from({ length: 5 }, () => send('turn', turn)))
    expect(answers).toEqual(Array.from({ length: 5 }, () => ['a: hi']))
    expect(asked).toEqual(['hi'])
    expect(await said('a')).toEqual([
      ['user', 'hi'],
      ['assistant', 'a: hi'],
    ])
    await expect(send('turn', { ...turn, message: 'secret' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
  })

  it('are kept of Observables, and given again as they were', async () => {
    const turn = { session: 'b', message: 'c', key: randomUUID() }
    expect(await send('many', turn)).toEqual(['a ', 'b ', 'c'])
    expect(await send('many', turn)).toEqual(['a ', 'b ', 'c'])
    expect(asked).toEqual(['c'])
    expect(await said('b')).toEqual([
      ['user', 'c'],
      ['assistant', 'a b c'],
    ])
  })

  it('are kept of events, of which one that is delivered again is the same', async () => {
    const turn = { session: 'c', message: 'hi', key: randomUUID() }
    for (let time = 0; time < 3; time += 1)
      await firstValueFrom(client.emit('noted', turn), { defaultValue: undefined })
    await poll(async () => (await said('c')).length > 0)
    // Behind the events, on the same socket.
    await send('turn', { session: 'c', message: 'after' })
    expect(asked.filter((message) => message === 'hi')).toHaveLength(1)
    expect(((await said('c')) as [string, string][]).filter(([role]) => role === 'user')).toEqual([
      ['user', 'hi'],
      ['user', 'after'],
    ])
  })

  it('have no text in what would be an event over WebSockets', async () => {
    await expect(send('event', { session: 'f', message: 'hi' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await said('f')).toEqual([])
  })

  it('that fail are noted where onError says so', async () => {
    await expect(send('turn', { session: 'd', message: 'fail' })).rejects.toMatchObject({ status: 'error' })
    const { messages } = await tested.memory.session('d').messages()
    expect(messages).toMatchObject([{ role: 'user', content: 'fail', metadata: { failed: true } }])
  })

  it('are refused when a message names no session, or says nothing', async () => {
    await expect(send('turn', { message: 'hi' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await expect(send('turn', { session: 'e' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(asked).toEqual([])
  })
})
