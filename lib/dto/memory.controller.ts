import { Body, Delete, Get, HttpCode, HttpStatus, Post, Query, UseFilters, UsePipes } from '@nestjs/common'
import type { SessionContext } from '../context/session-context.interface.js'
import { CurrentSession } from '../nest/call/parameters/current-session.decorator.js'
import { MemoryExceptionFilter } from '../nest/filter/memory-exception.filter.js'
import type { AgentSession, AppendResult, MessagesResult, SessionInfo } from '../session/agent-session.interface.js'
import { AppendMessageDto } from './append-message.dto.js'
import { ContextQueryDto } from './context-query.dto.js'
import { DtoPipe } from './dto.pipe.js'
import { ListMessagesDto } from './list-messages.dto.js'
import { MOST_MESSAGES } from './most-messages.js'
import { OperationId } from './operation-id.decorator.js'

/** Of an answer to a request that does not say how many messages. */
const PAGE = 100

/**
 * The routes that applications write again and again: list and append messages, the context, what is known of a session, and
 * its end. Mounted by a class of the application, which says where, for whom, and which session; nothing is served without it:
 *
 *     @Controller('sessions/:sessionId')
 *     @UseGuards(AuthGuard)
 *     @UseMemory({ session: 'params.sessionId', user: (context) => context.switchToHttp().getRequest().user.id })
 *     export class SessionsController extends MemoryController {}
 *
 * Bodies and queries are checked by a ValidationPipe of its own, and errors are answered by MemoryExceptionFilter. No request
 * is answered with more than 1,000 messages, and one that does not say how many with 100.
 *
 * @publicApi
 */
@UsePipes(new DtoPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }))
@UseFilters(MemoryExceptionFilter)
export abstract class MemoryController {
  /**
   * `GET messages`: the query as ListMessagesDto. The newest 100 without one; of a range without `limit`, the first 100 with
   * `after`, and the 100 nearest to it with `before` alone.
   */
  @Get('messages')
  list(@CurrentSession() session: AgentSession, @Query() query: ListMessagesDto): Promise<MessagesResult> {
    const { last, limit, after, before } = query
    if (last !== undefined || limit !== undefined) return session.messages(query)
    return session.messages(
      after === undefined && before === undefined ? { last: PAGE } : { after, before, limit: PAGE },
    )
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

  /** `GET context`: the query as ContextQueryDto. Of the newest 100 messages without one, and of 1,000 at the most. */
  @Get('context')
  context(@CurrentSession() session: AgentSession, @Query() query: ContextQueryDto): Promise<SessionContext> {
    const { maxTokens, turns, last = maxTokens === undefined && turns === undefined ? PAGE : MOST_MESSAGES } = query
    return session.context({ maxTokens, turns, last })
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
