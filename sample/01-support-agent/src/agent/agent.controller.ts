import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common'
import { MemoryService, type AgentSession } from 'nestjs-agent-memory'
import { ContextQueryDto, ListMessagesDto } from 'nestjs-agent-memory/dto'
import type { AgentMetadata } from './agent-metadata.interface.js'
import { AgentService } from './agent.service.js'
import type { AgentState } from './agent-state.interface.js'
import { SendMessageDto } from './dto/send-message.dto.js'
import { IdempotencyKey } from './idempotency-key.decorator.js'
import { CurrentOwner, type Owner } from './owner.decorator.js'
import { toEventStream } from './to-event-stream.js'

@Controller('agents/:sessionId')
export class AgentController {
  constructor(
    private readonly memory: MemoryService<AgentState, AgentMetadata>,
    private readonly agent: AgentService,
  ) {}

  /** Says something to the agent. With `Accept: text/event-stream`, the answer comes piece by piece. */
  @Post('messages')
  async send(
    @Param('sessionId') sessionId: string,
    @CurrentOwner() owner: Owner,
    @IdempotencyKey() key: string,
    @Body() { role, content, state }: SendMessageDto,
    @Headers('accept') accept = '',
  ) {
    const session = this.#session(sessionId, owner)
    const said = { role, content, state, key }
    if (!accept.includes('text/event-stream')) return this.agent.answer(session, said)
    const stream = await toEventStream((signal) => this.agent.stream(session, said, signal))
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' })
  }

  @Get('messages')
  messages(@Param('sessionId') sessionId: string, @CurrentOwner() owner: Owner, @Query() query: ListMessagesDto) {
    return this.#session(sessionId, owner).messages(query)
  }

  /** What the model would get to read now. */
  @Get('context')
  async context(@Param('sessionId') sessionId: string, @CurrentOwner() owner: Owner, @Query() query: ContextQueryDto) {
    const context = await this.#session(sessionId, owner).context(query)
    return { ...context, prompt: context.toPrompt('openai') }
  }

  @Get('state')
  state(@Param('sessionId') sessionId: string, @CurrentOwner() owner: Owner) {
    return this.#session(sessionId, owner).state.get()
  }

  /** Forgets the conversation. No error when there is none. */
  @Delete()
  @HttpCode(204)
  async delete(@Param('sessionId') sessionId: string, @CurrentOwner() owner: Owner): Promise<void> {
    await this.#session(sessionId, owner).delete()
  }

  /** A handle; nothing is read or written by getting it. */
  #session(sessionId: string, owner: Owner): AgentSession<AgentState, AgentMetadata> {
    return this.memory.session(sessionId, owner)
  }
}
