import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Inject, Module, UseFilters, type INestApplication, type WebSocketAdapter } from '@nestjs/common'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { WsAdapter } from '@nestjs/platform-ws'
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { MemoryExceptionFilter, MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { describeWithRedis, type TestRedis } from 'nestjs-agent-memory/testing'
import { concat, defer, of } from 'rxjs'
import { io, type Socket } from 'socket.io-client'
import { WebSocket } from 'ws'
import { poll } from '../../../support/poll.js'
import { reachesAll } from '../../../support/reaches-all.js'
import { useFilteredApp, type FilteredApp } from './use-filtered-app.js'

interface Said {
  readonly id: string
  readonly userId?: string
  readonly content: string
}

// Nest asks no global filter for a gateway.
@WebSocketGateway()
@UseFilters(MemoryExceptionFilter)
class SessionsGateway {
  constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

  @SubscribeMessage('append')
  async append(@MessageBody() { id, userId, content }: Said) {
    const { stored } = await this.memory.session(id, { userId }).append({ role: 'user', content })
    return { event: 'appended', data: stored }
  }

  /** Fails when its answer has begun. */
  @SubscribeMessage('append-later')
  appendLater(@MessageBody() said: Said) {
    return concat(
      of({ event: 'begun', data: said.id }),
      defer(() => this.append(said)),
    )
  }
}

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: 'redis://127.0.0.1:1' },
      resilience: { deadline: '400ms', breaker: false },
    }),
  ],
  providers: [SessionsGateway],
})
class AppModule {}

const useGateway = (redis: TestRedis, adapter: (app: INestApplication) => WebSocketAdapter): FilteredApp =>
  useFilteredApp(redis, {
    AppModule,
    createApplication: (module, logger) => {
      const app = module.createNestApplication({ logger })
      app.useWebSocketAdapter(adapter(app))
      return app
    },
    listen: true,
  })

const foreign: Said = { id: 'owned', userId: 'grace', content: 'secret' }

const notFound = (pattern: string) => ({
  status: 'error',
  code: 'SESSION_NOT_FOUND',
  message: 'there is no such session for this user',
  retryable: false,
  executed: 'no',
  operationId: expect.any(String),
  cause: { pattern },
})

describeWithRedis('MemoryExceptionFilter over WebSockets', (redis) => {
  describe('of ws', () => {
    const gateway = useGateway(redis, (app) => new WsAdapter(app))
    let socket: WebSocket
    const heard: unknown[] = []

    beforeAll(async () => {
      socket = new WebSocket((gateway.tested.url ?? '').replace('http', 'ws'))
      socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString('utf8'))))
      await once(socket, 'open')
    })

    beforeEach(() => {
      heard.length = 0
    })

    // Before the application, which would wait for it.
    afterAll(() => socket.close())

    const say = (event: string, data: Said): void => socket.send(JSON.stringify({ event, data }))

    it('sends the event exception', async () => {
      say('append', foreign)
      await poll(() => heard.length === 1)
      expect(heard).toEqual([{ event: 'exception', data: notFound('append') }])
      expect(JSON.stringify(heard)).not.toContain('secret')
      expect(gateway.logger.lines).toEqual([])
    })

    it('sends it of what fails later, too', async () => {
      say('append-later', foreign)
      await poll(() => heard.length === 2)
      expect(heard).toEqual([
        { event: 'begun', data: 'owned' },
        { event: 'exception', data: notFound('append-later') },
      ])
    })

    it('says of Redis that is away to repeat, and goes on', async () => {
      await gateway.proxy.refuse()
      gateway.proxy.cut()
      say('append', { id: 'away', content: 'a' })
      await poll(() => heard.length === 1)
      expect(gateway.proxy.faults.cut).toBeGreaterThan(0)
      expect(heard[0]).toMatchObject({ event: 'exception', data: { code: 'UNAVAILABLE', retryable: true } })
      await gateway.proxy.restore()
      await poll(() => reachesAll(gateway.tested.memory))
      say('append', { id: 'away', content: 'a' })
      await poll(() => heard.length === 2)
      expect(heard[1]).toEqual({ event: 'appended', data: 'redis' })
    })
  })

  describe('of socket.io', () => {
    const gateway = useGateway(redis, (app) => new IoAdapter(app))
    let socket: Socket
    const heard: unknown[] = []

    beforeAll(async () => {
      socket = io(gateway.tested.url, { transports: ['websocket'], reconnection: false })
      socket.on('exception', (data: unknown) => heard.push(data))
      await new Promise<void>((connected) => {
        socket.once('connect', connected)
      })
    })

    beforeEach(() => {
      heard.length = 0
    })

    afterAll(() => {
      socket.close()
    })

    it('sends the event exception', async () => {
      socket.emit('append', foreign)
      await poll(() => heard.length === 1)
      expect(heard).toEqual([notFound('append')])
      expect(JSON.stringify(heard)).not.toContain('secret')
    })

    it('acknowledges with it, too', async () => {
      expect(await socket.timeout(5000).emitWithAck('append', foreign)).toEqual(notFound('append'))
      await poll(() => heard.length === 1)
      expect(heard).toEqual([notFound('append')])
    })

    it('sends it of what fails later, too', async () => {
      const begun = new Promise((hear) => {
        socket.once('begun', hear)
      })
      socket.emit('append-later', foreign)
      expect(await begun).toBe('owned')
      await poll(() => heard.length === 1)
      expect(heard).toEqual([notFound('append-later')])
    })
  })
})
