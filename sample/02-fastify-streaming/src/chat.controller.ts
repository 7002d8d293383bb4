import { Body, Controller, Get, RequestMethod, Sse, type MessageEvent } from '@nestjs/common'
import {
  History,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  UseMemory,
  type Message,
  type SessionContext,
} from 'nestjs-agent-memory'
import { from, map, type Observable } from 'rxjs'
import { Model } from './model.js'

// The header keeps the sample short. In an application, `user` is a function that answers whom a guard has verified.
@Controller('sessions/:sessionId')
@UseMemory({ session: 'params.sessionId', user: 'headers.x-user-id' })
export class ChatController {
  constructor(private readonly model: Model) {}

  @Sse('turns', { method: RequestMethod.POST })
  @OneTurnAtATime()
  @RememberTurn({ user: 'body.message' })
  turn(
    @PromptContext({ maxTokens: 4_000 }) context: SessionContext,
    @Body('message') message: string,
  ): Observable<MessageEvent> {
    return from(this.model.answer(context, message)).pipe(map((data) => ({ data })))
  }

  @Get('messages')
  messages(@History({ turns: 20 }) messages: Message[]): Message[] {
    return messages
  }
}
