import { Controller } from '@nestjs/common'
import { MessagePattern, Payload } from '@nestjs/microservices'
import {
  History,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  UseMemory,
  type Message,
  type SessionContext,
} from 'nestjs-agent-memory'
import { from, type Observable } from 'rxjs'
import { Model } from './model.js'

// Who may send messages to this service is trusted to say for which user they are.
@Controller()
@UseMemory({ session: 'data.sessionId', user: 'data.userId' })
export class AgentController {
  constructor(private readonly model: Model) {}

  /** Answers word by word. The last word is followed by the end of the stream when the turn is stored. */
  @MessagePattern('turn')
  @OneTurnAtATime()
  @RememberTurn({ user: 'data.message', idempotencyKey: 'data.operationId' })
  turn(
    @PromptContext({ maxTokens: 4_000 }) context: SessionContext,
    @Payload('message') message: string,
  ): Observable<string> {
    return from(this.model.answer(context, message))
  }

  @MessagePattern('history')
  history(@History({ turns: 20 }) messages: Message[]): Message[] {
    return messages
  }
}
