import type { ServerResponse } from 'node:http'
import {
  Body,
  Controller,
  Get,
  Header,
  Headers,
  Inject,
  Param,
  Post,
  Put,
  Res,
  Sse,
  UseInterceptors,
} from '@nestjs/common'
import { MemorySerializationInterceptor, MemoryService, type AgentSession } from 'nestjs-agent-memory'
import { of } from 'rxjs'

interface Said {
  readonly content: string
  readonly metadata?: Record<string, unknown>
}

/** Does with sessions what a client asks for, and leaves every error to the filter. */
@Controller('sessions/:id')
export class SessionsController {
  constructor(@Inject(MemoryService) private readonly memory: MemoryService) {}

  @Post('messages')
  append(
    @Param('id') id: string,
    @Body() { content, metadata }: Said,
    @Headers('x-user-id') userId: string | undefined,
    @Headers('idempotency-key') operationId: string | undefined,
    @Headers('if-match') expectedVersion: string | undefined,
  ) {
    const session = this.memory.session(id, { userId })
    return session.append({ role: 'user', content, metadata }, { operationId, expectedVersion })
  }

  @Get('messages')
  messages(@Param('id') id: string, @Headers('x-user-id') userId: string | undefined) {
    return this.memory.session(id, { userId }).messages()
  }

  @Put('function')
  function(@Param('id') id: string) {
    return this.session(id).append({ role: 'user', content: 'a', metadata: { call: () => 'secret' } })
  }

  @Post('lock')
  lock(@Param('id') id: string) {
    return this.session(id).withLock(() => 'held', { wait: '0ms' })
  }

  @Get('cyclic')
  @Header('Content-Type', 'text/calendar')
  @UseInterceptors(MemorySerializationInterceptor)
  cyclic(): unknown {
    const value: Record<string, unknown> = {}
    value['secret'] = value
    return value
  }

  @Get('function')
  @UseInterceptors(MemorySerializationInterceptor)
  functions(): unknown {
    return { call: () => 'secret' }
  }

  /** Fails when its answer has begun. */
  @Get('begun')
  async begun(@Param('id') id: string, @Res() given: ServerResponse & { readonly raw?: ServerResponse }) {
    const response = given.raw ?? given
    response.writeHead(200, { 'content-type': 'text/plain' }).write('begun')
    await this.session(id).touch()
    response.end()
  }

  /** May fail before there is anything to subscribe to. */
  @Sse('events')
  async events(@Param('id') id: string, @Headers('x-user-id') userId: string | undefined) {
    const { version } = await this.memory.session(id, { userId }).messages()
    return of({ data: version })
  }

  private session(id: string): AgentSession {
    return this.memory.session(id)
  }
}
