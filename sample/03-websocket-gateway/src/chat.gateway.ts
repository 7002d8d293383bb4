import type { IncomingMessage } from 'node:http'
import { UseFilters } from '@nestjs/common'
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type WsResponse,
} from '@nestjs/websockets'
import {
  History,
  MemoryExceptionFilter,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type Message,
} from 'nestjs-agent-memory'
import { endWith, from, map, type Observable } from 'rxjs'
import { identify, userOf, type Client } from './client.js'
import { Model } from './model.js'

// Filters that are global for requests do not reach gateways.
@UseFilters(MemoryExceptionFilter)
@WebSocketGateway()
@UseMemory({ session: 'data.sessionId', user: userOf })
export class ChatGateway implements OnGatewayConnection<Client> {
  constructor(private readonly model: Model) {}

  handleConnection(client: Client, request: IncomingMessage): void {
    identify(client, request)
  }

  /** `token` for each word; then `done`, which says that the turn is stored. */
  @SubscribeMessage('turn')
  @OneTurnAtATime()
  @RememberTurn({ user: 'data.message', idempotencyKey: 'data.operationId' })
  turn(@History({ turns: 20 }) history: Message[], @MessageBody('message') message: string): Observable<WsResponse> {
    const tokens = from(this.model.answer(history, message)).pipe(map((data) => ({ event: 'token', data })))
    return tokens.pipe(endWith({ event: 'done', data: '' }))
  }

  @SubscribeMessage('history')
  history(@History({ turns: 20 }) data: Message[]): WsResponse<Message[]> {
    return { event: 'history', data }
  }
}
