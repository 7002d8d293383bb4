import { randomUUID } from 'node:crypto'
import { Body, Controller, Get, Headers, Param, Post, Sse, StreamableFile } from '@nestjs/common'
import { expect, it } from '@jest/globals'
import { Readable } from 'node:stream'
import { interval, map, take, type Observable } from 'rxjs'
import {
  CurrentLock,
  CurrentSession,
  History,
  MemoryModule,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  SessionState,
  UseMemory,
  type AgentSession,
  type Message,
  type SessionContext,
  type SessionLock,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../../support/poll.js'

const calls: string[] = []

const post = (url: string, path: string, message: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/sessions/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message }),
  })

const said = async (memory: { session(id: string): AgentSession }, id: string) =>
  (await memory.session(id).messages()).messages.map(({ role, content, metadata }) => [role, content, metadata])

@Controller('sessions/:sessionId')
@UseMemory({ session: 'params.sessionId' })
class AgentController {
  @Post('turns')
  @OneTurnAtATime()
  @RememberTurn({ user: 'body.message' })
  async turn(
    @Body('message') message: string,
    @CurrentSession() session: AgentSession,
    @CurrentLock() lock: SessionLock,
    @History({ turns: 10 }) history: Message[],
    @PromptContext({ maxTokens: 1_000 }) context: SessionContext,
    @SessionState('code') code: unknown,
  ): Promise<string> {
    calls.push(message)
    if (message === 'fail') throw new Error('the model is away')
    await session.state.set({ code: message }, { fence: lock.fence })
    return `${message}, after ${history.length} of ${context.messages.length}, code ${String(code)}`
  }

  @Post('objects')
  @RememberTurn({ user: 'body.message', assistant: ({ value }) => (value as { reply: string }).reply })
  async object(@Body('message') message: string): Promise<{ reply: string }> {
    calls.push(message)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { reply: `${message}, ${calls.length}` }
  }

  @Sse('events/:count')
  @RememberTurn({ user: 'query.message' })
  events(@Param('count') count: string): Observable<{ data: string }> {
    return interval(5).pipe(
      take(Number(count)),
      map((index) => ({ data: `${index} ` })),
    )
  }

  @Post('files')
  @RememberTurn({ user: 'body.message' })
  file(@Body('message') message: string): StreamableFile {
    calls.push(message)
    return new StreamableFile(Readable.from(['a ', 'b ', message]), { type: 'text/plain' })
  }

  @Get('raw')
  raw(@Headers('x') _x: string, @CurrentSession() session: AgentSession): string {
    return session.id
  }
}

describeWithRedis('turns', (redis) => {
  const boot = async () =>
    createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })],
      controllers: [AgentController],
      listen: true,
    })

  it('are kept whole', async () => {
    const { url = '', memory } = await boot()
    const answer = await post(url, 's/turns', 'hello')
    expect([answer.status, await answer.text()]).toEqual([201, 'hello, after 0 of 0, code undefined'])
    expect(await (await post(url, 's/turns', 'again')).text()).toBe('again, after 2 of 2, code hello')
    expect((await post(url, 's/turns', 'fail')).status).toBe(500)
    expect(await said(memory, 's')).toEqual([
      ['user', 'hello', undefined],
      ['assistant', 'hello, after 0 of 0, code undefined', undefined],
      ['user', 'again', undefined],
      ['assistant', 'again, after 2 of 2, code hello', undefined],
    ])
  })

  it('are one for one key, however often and at the same time it is sent', async () => {
    const { url = '', memory } = await boot()
    const key = randomUUID()
    const before = calls.length
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(url, 's/objects', 'hello', { 'idempotency-key': key })),
    )
    const bodies = await Promise.all(answers.map((answer) => answer.json()))
    expect(calls.length).toBe(before + 1)
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(9)
    expect(await said(memory, 's')).toHaveLength(2)
    const other = await post(url, 's/objects', 'something else', { 'idempotency-key': key })
    expect(other.status).toBe(500)
  })

  it('are kept of server-sent events, whole or as far as they came', async () => {
    const { url = '', memory } = await boot()
    await (await fetch(`${url}/sessions/s/events/3?message=count`)).text()
    await poll(async () => (await said(memory, 's')).length === 2)
    expect(await said(memory, 's')).toEqual([
      ['user', 'count', undefined],
      ['assistant', '0 1 2 ', undefined],
    ])
    const controller = new AbortController()
    const left = await fetch(`${url}/sessions/t/events/1000?message=count`, { signal: controller.signal })
    // The first chunk of an event stream says nothing.
    for await (const chunk of left.body!.pipeThrough(new TextDecoderStream())) if (chunk.includes('data')) break
    controller.abort()
    await poll(async () => (await said(memory, 't')).length === 2)
    const [, [role, content, metadata]] = (await said(memory, 't')) as [unknown, [string, string, object]]
    expect([role, metadata]).toEqual(['assistant', { interrupted: true }])
    expect(content).toMatch(/^0 /)
  })

  it('are kept of files', async () => {
    const { url = '', memory } = await boot()
    const key = { 'idempotency-key': randomUUID() }
    expect(await (await post(url, 's/files', 'c', key)).text()).toBe('a b c')
    const again = await post(url, 's/files', 'c', key)
    expect([again.headers.get('content-type'), await again.text()]).toEqual(['text/plain', 'a b c'])
    expect(await said(memory, 's')).toEqual([
      ['user', 'c', undefined],
      ['assistant', 'a b c', undefined],
    ])
  })
})
