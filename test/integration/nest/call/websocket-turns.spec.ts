import { randomUUID } from 'node:crypto'
import { on, once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { WsAdapter } from '@nestjs/platform-ws'
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
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
import { UseFilters } from '@nestjs/common'
import { from, type Observable } from 'rxjs'
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'
import { poll } from '../../../support/poll.js'

interface Event {
  readonly event: string
  readonly data: string
}

const asked: string[] = []

@WebSocketGateway()
@UseFilters(MemoryExceptionFilter)
@UseMemory({ session: 'data.session' })
class AgentGateway {
  @SubscribeMessage('turn')
  @RememberTurn({ user: 'data.message', idempotencyKey: 'data.key' })
  @OneTurnAtATime()
  turn(@MessageBody('message') message: string, @CurrentSession() session: AgentSession): Event {
    asked.push(message)
    return { event: 'turn', data: `${session.id}: ${message}` }
  }

  @SubscribeMessage('many')
  @RememberTurn({ user: 'data.message' })
  many(@MessageBody('message') message: string): Observable<Event> {
    return from(['a ', 'b ', message].map((data) => ({ event: 'many', data })))
  }

  /** Answers with what a test has it answer. */
  @SubscribeMessage('any')
  @RememberTurn({ user: 'data.message' })
  any(@MessageBody('value') value: string): unknown {
    return ANSWERS[value]
  }
}

class Reply {
  readonly event = 'any'
  readonly data = 'of a class'
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  bytes: { event: 'any', data: Buffer.from('of bytes') },
  parts: from([
    { event: 'token', data: 'hello' },
    { event: 'usage', data: { tokens: 1 } },
    { event: 'done', data: undefined },
  ]),
  'no text': { event: 'any', data: { reply: 'secret' } },
  class: new Reply(),
  'no event': { data: 'secret' },
  number: { event: 1, data: 'secret' },
  text: 'alone',
}

describeWithRedis('turns over socket.io', (redis) => {
  it('have no key in the headers of the socket, which are those of all its messages', async () => {
    await using tested = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
      providers: [AgentGateway],
      createApplication: (module) => {
        const app = module.createNestApplication({ logger: false })
        return app.useWebSocketAdapter(new IoAdapter(app))
      },
      listen: true,
    })
    const socket = io(tested.url, {
      transports: ['websocket'],
      extraHeaders: { 'idempotency-key': 'of-the-socket' },
      reconnection: false,
    })
    const heard: string[] = []
    socket.on('many', (data: string) => heard.push(data))
    for (const message of ['c', 'd']) socket.emit('many', { session: 'b', message })
    await poll(() => heard.length === 6)
    await poll(async () => (await tested.memory.session('b').messages()).messages.length === 4)
    // What is no event is the acknowledgement, and its own text.
    const any = { session: 'c', message: 'hi', value: 'text' }
    expect(await socket.timeout(5_000).emitWithAck('any', any)).toBe('alone')
    expect((await tested.memory.session('c').messages()).messages[1]).toMatchObject({ content: 'alone' })
    socket.disconnect()
    expect(heard.toSorted()).toEqual(['a ', 'a ', 'b ', 'b ', 'c', 'd'])
  })
})

describeWithRedis('turns over WebSockets', (redis) => {
  let tested: MemoryTestingModule
  let socket: WebSocket
  beforeAll(async () => {
    tested = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: redis.connection })],
      providers: [AgentGateway],
      createApplication: (module) => {
        const app = module.createNestApplication({ logger: false })
        return app.useWebSocketAdapter(new WsAdapter(app))
      },
      listen: true,
    })
    socket = new WebSocket(tested.url!.replace('http', 'ws'))
    await once(socket, 'open')
  })
  beforeEach(() => {
    asked.length = 0
  })
  afterAll(async () => {
    socket.close()
    await tested.close()
  })

  const ask = async (event: string, data: object, count: number): Promise<unknown[]> => {
    const messages: unknown[] = []
    const heard = on(socket, 'message', { signal: AbortSignal.timeout(4_000) }) as AsyncIterable<[Buffer]>
    socket.send(JSON.stringify({ event, data }))
    for await (const [text] of heard) {
      messages.push(JSON.parse(text.toString('utf8')))
      if (messages.length === count) break
    }
    return messages
  }
  const said = async (id: string): Promise<unknown[]> =>
    (await tested.memory.session(id).messages()).messages.map(({ role, content }) => [role, content])

  it('are kept, and are one for one key', async () => {
    const data = { session: 'a', message: 'hi', key: randomUUID() }
    expect(await ask('turn', data, 1)).toEqual([{ event: 'turn', data: 'a: hi' }])
    expect(await ask('turn', data, 1)).toEqual([{ event: 'turn', data: 'a: hi' }])
    expect(asked).toEqual(['hi'])
    expect(await said('a')).toEqual([
      ['user', 'hi'],
      ['assistant', 'a: hi'],
    ])
    expect(await ask('turn', { ...data, message: 'other' }, 1)).toMatchObject([
      { event: 'exception', data: { code: 'OPERATION_REUSED' } },
    ])
  })

  it.each([
    ['bytes', 1, 'of bytes'],
    ['parts', 3, 'hello'],
  ])('are kept of what is text in the data of %s', async (value, count, text) => {
    await ask('any', { session: value, message: 'hi', value }, count)
    expect(await said(value)).toEqual([
      ['user', 'hi'],
      ['assistant', text],
    ])
  })

  it.each(['no text', 'class', 'no event', 'number'])('are not guessed: %s', async (value) => {
    const session = value.replace(' ', '-')
    expect(await ask('any', { session, message: 'hi', value }, 1)).toMatchObject([
      { event: 'exception', data: { code: 'CONFIG_INVALID', executed: 'no' } },
    ])
    expect(await said(session)).toEqual([])
  })

  it('are kept of Observables', async () => {
    for (const message of ['c', 'd']) {
      expect(await ask('many', { session: 'b', message }, 3)).toHaveLength(3)
    }
    expect(await said('b')).toEqual([
      ['user', 'c'],
      ['assistant', 'a b c'],
      ['user', 'd'],
      ['assistant', 'a b d'],
    ])
  })
})
