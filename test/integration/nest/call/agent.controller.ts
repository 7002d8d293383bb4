import { Body, Controller, Post, Query, Sse } from '@nestjs/common'
import {
  History,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  UseMemory,
  type Message,
  type SessionContext,
} from 'nestjs-agent-memory'
import type { Observable } from 'rxjs'
import { Model } from './model.js'

@Controller('chats/:chatId')
@UseMemory({ session: 'params.chatId', user: 'headers.user' })
export class AgentController extends Model {
  @Post('turns')
  @OneTurnAtATime()
  @RememberTurn({ user: 'body.message' })
  turn(@Body('message') message: string, @PromptContext({ maxTokens: 4000 }) context: SessionContext): Promise<string> {
    return this.think([...context.toPrompt('openai'), { role: 'user', content: message }])
  }
  @Sse('stream')
  @RememberTurn({ user: 'query.message' })
  stream(@Query('message') message: string, @History({ turns: 10 }) history: Message[]): Observable<{ data: string }> {
    return this.speak(history, message)
  }
}
