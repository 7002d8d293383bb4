import { on, once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { UseInterceptors, type INestApplication } from '@nestjs/common'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { Exclude } from 'class-transformer'
import { Decimal } from 'decimal.js'
import { from, type Observable } from 'rxjs'
import { WebSocket } from 'ws'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { startHttpApp } from './http-app.js'

const at = new Date('2026-03-01T10:20:30.400Z')

class User {
  @Exclude() readonly password = 'secret'
  readonly balance = new Decimal('12.50')
}

@WebSocketGateway()
@UseInterceptors(MemorySerializationInterceptor)
class ValuesGateway {
  @SubscribeMessage('rich')
  rich(): unknown {
    return { event: 'rich', data: { at, map: new Map([['a', 1n]]), user: new User() } }
  }

  @SubscribeMessage('many')
  many(): Observable<unknown> {
    return from([
      { event: 'many', data: new Decimal(1) },
      { event: 'many', data: new Set([at]) },
    ])
  }
}

describe('the serialization interceptor over WebSockets', () => {
  let app: INestApplication
  let socket: WebSocket

  beforeAll(async () => {
    const served = await startHttpApp('express', { providers: [ValuesGateway] }, (application) => {
      application.useWebSocketAdapter(new WsAdapter(application))
    })
    app = served.app
    socket = new WebSocket(served.url.replace('http', 'ws'))
    await once(socket, 'open')
  })

  afterAll(async () => {
    socket.close()
    await app.close()
  })

  const ask = async (event: string, count: number): Promise<unknown[]> => {
    const messages: unknown[] = []
    const heard = on(socket, 'message', { signal: AbortSignal.timeout(4000) }) as AsyncIterable<[Buffer]>
    socket.send(JSON.stringify({ event, data: {} }))
    for await (const [data] of heard) {
      messages.push(JSON.parse(data.toString('utf8')))
      if (messages.length === count) break
    }
    return messages
  }

  it('turns the data of a message into JSON', async () => {
    expect(await ask('rich', 1)).toStrictEqual([
      { event: 'rich', data: { at: at.toISOString(), map: [['a', '1']], user: { balance: '12.5' } } },
    ])
  })

  it('maps each message of an Observable', async () => {
    expect(await ask('many', 2)).toStrictEqual([
      { event: 'many', data: '1' },
      { event: 'many', data: [at.toISOString()] },
    ])
  })
})
