import { Body, Controller, Get, Headers, Post } from '@nestjs/common'
import {
  CurrentLock,
  History,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  type Message,
  type SessionContext,
  type SessionLock,
} from 'nestjs-agent-memory'
import { Desk, type DeskState, type Reply } from './desk.js'
import { spokenByAgent } from './spoken-by-agent.js'
import { UseMemories } from './use-memories.decorator.js'

@Controller('sessions/:sessionId')
@UseMemories()
export class DeskController {
  constructor(private readonly desk: Desk) {}

  @Post('turns')
  @OneTurnAtATime()
  @RememberTurn({ user: 'body.message', assistant: spokenByAgent })
  turn(
    @Body('message') message: string,
    @Headers('idempotency-key') operationId: string | undefined,
    @PromptContext({ maxTokens: 4_000 }) context: SessionContext<DeskState>,
    @CurrentLock() lock: SessionLock,
  ): Promise<Reply> {
    return this.desk.answer({ message, operationId }, context, lock)
  }

  @Get('messages')
  messages(@History({ turns: 20 }) messages: Message[]): Message[] {
    return messages
  }

  @Get('notes/travel')
  travelNotes(@History({ name: 'travel' }) messages: Message[]): Message[] {
    return messages
  }
}
