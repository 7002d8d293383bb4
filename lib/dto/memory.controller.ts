import { Body, Delete, Get, HttpCode, HttpStatus, Post, Query, UseFilters, UsePipes } from '@nestjs/common'
import type { SessionContext } from '../context/session-context.interface.js'
import { CurrentSession } from '../nest/call/parameters/current-session.decorator.js'
import { MemoryExceptionFilter } from '../nest/filter/memory-exception.filter.js'
import type { AgentSession, AppendResult, MessagesResult, SessionInfo } from '../session/agent-session.interface.js'
import { AppendMessageDto } from './append-message.dto.js'
import { ContextQueryDto } from './context-query.dto.js'
import { DtoPipe } from './dto.pipe.js'
import { ListMessagesDto } from './list-messages.dto.js'
import { OperationId } from './operation-id.decorator.js'

/**
 * The routes that applications write again and again: list and append messages, the context, what is known of a session, and
 * its end. Mounted by a class of the application, which says where, for whom, and which session; nothing is served without it:
 *
 *     @Controller('sessions/:sessionId')
 *     @UseGuards(AuthGuard)
 *     @UseMemory({ session: 'params.sessionId', user: (context) => context.switchToHttp().getRequest().user.id })
 *     export class SessionsController extends MemoryController {}
 *
 * Bodies and queries are checked by a ValidationPipe of its own, and errors are answered by MemoryExceptionFilter.
 *
 * @publicApi
 */
@UsePipes(new DtoPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }))
@UseFilters(MemoryExceptionFilter)
export abstract class MemoryController {
  /** `GET messages`: the query as ListMessagesDto. */
  @Get('messages')
  list(@CurrentSession() session: AgentSession, @Query() query: ListMessagesDto): Promise<MessagesResult> {
    return session.messages(query)
  }

  /** `POST messages`: the body as AppendMessageDto; with an `Idempotency-Key` it is stored once however often it is sent. */
  @Post('messages')
  append(
    @CurrentSession() session: AgentSession,
    @Body() message: AppendMessageDto,
    @OperationId() operationId?: string,
  ): Promise<AppendResult> {
    return session.append(message, { operationId })
  }

  /** `GET context`: the query as ContextQueryDto. */
  @Get('context')
  context(@CurrentSession() session: AgentSession, @Query() query: ContextQueryDto): Promise<SessionContext> {
    return session.context(query)
  }

  /** `GET`: whether there is such a session, and what is known of it. */
  @Get()
  info(@CurrentSession() session: AgentSession): Promise<SessionInfo> {
    return session.info()
  }

  /** `DELETE`: 204, also where there is none. */
  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  async delete(@CurrentSession() session: AgentSession): Promise<void> {
    await session.delete()
  }
}
