import {
  Controller,
  Get,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { expect, it } from '@jest/globals'
import { MemoryModule, UseMemory } from 'nestjs-agent-memory'
import { MemoryController } from 'nestjs-agent-memory/dto'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'

interface Request {
  readonly headers: { readonly 'x-user'?: string }
  user?: { readonly id: string }
}

class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>()
    const id = request.headers['x-user']
    if (id === undefined) throw new UnauthorizedException()
    request.user = { id }
    return true
  }
}

@Controller('sessions/:sessionId')
@UseGuards(HeaderGuard)
@UseMemory({
  session: 'params.sessionId',
  user: (context) => context.switchToHttp().getRequest<Request>().user?.id,
})
class SessionsController extends MemoryController {
  @Get('own')
  own(): string {
    return 'beside the others'
  }
}

const imports = [MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })]

describeWithRedis('MemoryController', (redis) => {
  it.each(['express', 'fastify'])('serves the sessions of who may see them, on %s', async (adapter) => {
    const { url } = await createMemoryTestingModule({
      redis,
      imports,
      controllers: [SessionsController],
      listen: true,
      ...(adapter === 'fastify' && {
        createApplication: (module) => module.createNestApplication<NestFastifyApplication>(new FastifyAdapter()),
      }),
    })
    const call = async (path: string, init: RequestInit = {}, user = 'mia') => {
      const headers = new Headers(init.headers)
      headers.set('x-user', user)
      if (init.body != null) headers.set('content-type', 'application/json')
      const response = await fetch(`${url}/sessions/${path}`, { ...init, headers })
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
    }
    const append = (body: object, headers: Record<string, string> = {}) =>
      call('s/messages', { method: 'POST', body: JSON.stringify(body), headers })

    expect(await call('s/messages')).toMatchObject({ status: 200, body: { messages: [] } })
    expect(await append({ content: 'hello' }, { 'idempotency-key': 'k1' })).toMatchObject({
      status: 201,
      body: { stored: 'redis', duplicate: false },
    })
    expect(await append({ content: 'hello' }, { 'idempotency-key': 'k1' })).toMatchObject({ body: { duplicate: true } })
    expect(await append({ content: 'hi', role: 'assistant' })).toMatchObject({ status: 201 })
    expect(await append({ content: '', role: 'system' })).toMatchObject({ status: 400 })
    expect(await append({ content: 'x', stray: 1 })).toMatchObject({ status: 400 })
    expect((await call('s/messages?last=1')).body.messages).toMatchObject([
      { role: 'assistant', content: 'hi', seq: 2 },
    ])
    expect(await call('s/messages?last=0')).toMatchObject({ status: 400 })
    expect((await call('s/context?maxTokens=1000')).body).toMatchObject({ messages: [{}, {}], state: {} })
    expect((await call('s/context?last=1')).body).toMatchObject({ messages: [{ content: 'hi' }], omitted: 1 })
    expect((await call('s')).body).toMatchObject({ exists: true, count: 2, userId: 'mia' })
    expect(await call('s/own')).toMatchObject({ body: 'beside the others' })
    expect(await call('s/messages', {}, 'tom')).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    expect(await call('a*b/messages')).toMatchObject({ status: 400, body: { code: 'ARGUMENT_INVALID' } })
    expect(await call('s/messages?limit=1')).toMatchObject({ status: 400 })
    expect(await append({ content: 'other' }, { 'idempotency-key': 'k1' })).toMatchObject({ status: 409 })
    const deep = `{"content":"x","metadata":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`
    expect(await call('s/messages', { method: 'POST', body: deep })).toMatchObject({ status: 400 })
    expect(await call('s', { method: 'DELETE' })).toEqual({ status: 204, body: '' })
    expect((await call('s')).body).toMatchObject({ exists: false })
    expect((await fetch(`${url}/sessions/s`)).status).toBe(401)
  })

  it('answers no request with more messages than it asks for, nor with more than a thousand', async () => {
    const { url, memory } = await createMemoryTestingModule({
      redis,
      imports,
      controllers: [SessionsController],
      listen: true,
    })
    const messages = Array.from({ length: 1_050 }, (_, index) => ({ role: 'user' as const, content: `${index + 1}` }))
    await memory.session('long', { userId: 'mia' }).append(messages)
    const get = async (path: string) => {
      const response = await fetch(`${url}/sessions/long/${path}`, { headers: { 'x-user': 'mia' } })
      const { messages: found } = (await response.json()) as { messages?: { seq: number }[] }
      return found === undefined ? response.status : [found.length, found[0]?.seq]
    }
    const answers: [path: string, answer: unknown][] = [
      ['messages', [100, 951]],
      ['messages?last=1000', [1_000, 51]],
      ['messages?last=1001', 400],
      ['messages?after=7', [100, 8]],
      ['messages?before=1000', [100, 900]],
      ['messages?after=7&before=20', [12, 8]],
      ['messages?after=7&limit=1000', [1_000, 8]],
      ['messages?after=7&limit=1001', 400],
      ['context', [100, 951]],
      ['context?last=1000', [1_000, 51]],
      ['context?last=1001', 400],
      ['context?turns=101', [101, 950]],
      ['context?turns=1001', 400],
      ['context?maxTokens=9007199254740991', [1_000, 51]],
    ]
    for (const [path, answer] of answers) expect([path, await get(path)]).toEqual([path, answer])
  })
})
