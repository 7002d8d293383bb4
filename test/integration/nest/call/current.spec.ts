import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  Body,
  Controller,
  Get,
  Injectable,
  Post,
  Sse,
  StreamableFile,
  ValidationPipe,
  type ExecutionContext,
} from '@nestjs/common'
import { IsString } from 'class-validator'
import {
  CurrentSession,
  History,
  InjectMemory,
  MemoryExceptionFilter,
  MemoryModule,
  MemoryService,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  SessionState,
  UseMemory,
  type AgentSession,
  type Message,
  type SessionContext,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { defer, finalize, interval, map, mergeMap, take, type Observable } from 'rxjs'

/** Knows of no request. */
@Injectable()
class Agent {
  readonly ended: string[] = []

  constructor(
    private readonly memory: MemoryService,
    @InjectMemory('billing') private readonly billing: MemoryService,
  ) {}

  get session(): string {
    return this.memory.current().id
  }

  get billed(): string {
    return this.billing.current().id
  }

  async later(): Promise<string> {
    await delay(Math.random() * 20)
    const first = this.session
    await new Promise((resolve) => setImmediate(resolve))
    return `${first} ${this.session}`
  }

  async *each(): AsyncGenerator<string> {
    yield `${this.session} `
    await delay(2)
    yield `${this.session} `
    yield this.session
  }

  watch(): Observable<string> {
    return interval(2).pipe(
      take(2),
      map(() => this.session),
      mergeMap(async (id) => `${id} ${await this.later()}`),
      finalize(() => this.ended.push(this.session)),
    )
  }
}

class TurnDto {
  @IsString() readonly message!: string
}

const userOf = (context: ExecutionContext): string | undefined =>
  context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>().headers['x-user']

@Controller('sessions/:id')
@UseMemory({ session: 'params.id' })
class CurrentController {
  constructor(private readonly agent: Agent) {}

  @Get('later')
  later(): Promise<string> {
    return this.agent.later()
  }

  @Get('observable')
  observable(): Observable<string> {
    return defer(() => this.agent.later())
  }

  @Sse('events')
  events(): Observable<{ data: string }> {
    return this.agent.watch().pipe(map((data) => ({ data })))
  }

  @Get('iterable')
  iterable(): AsyncIterable<string> {
    return this.agent.each()
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from(this.agent.each()))
  }

  @Post('kept')
  @RememberTurn({ user: 'body.message' })
  kept(): AsyncIterable<string> {
    return this.agent.each()
  }

  @Post('validated')
  @RememberTurn({ user: 'body.message' })
  validated(
    @Body() { message }: TurnDto,
    @CurrentSession() session: AgentSession,
    @History() history: Message[],
    @PromptContext() context: SessionContext,
    @SessionState() state: Record<string, unknown>,
    @SessionState('at') at: Date | undefined,
  ): string {
    return [message, session.id, history.length, context.messages.length, Object.keys(state).length, typeof at].join()
  }

  @Get('billing/:bill')
  @UseMemory({ session: 'params.bill', name: 'billing' })
  @OneTurnAtATime({ name: 'billing' })
  @RememberTurn({ user: 'query.message', name: 'billing' })
  both(
    @CurrentSession() root: AgentSession,
    @CurrentSession({ name: 'billing' }) billing: AgentSession,
    @History({ name: 'billing', last: 1 }) history: Message[],
  ): string {
    return [root.id, billing.id, this.agent.session, this.agent.billed, history.length].join()
  }

  @Get('own/:other')
  @UseMemory({ session: 'params.other' })
  own(): string {
    return this.agent.session
  }
}

@Controller('owned/:id')
@UseMemory({ session: 'params.id', user: userOf, tenant: 'headers.X-Tenant' })
class OwnedController {
  @Get()
  owned(@CurrentSession() { id, userId, tenant }: AgentSession): string {
    return [id, userId, tenant].join()
  }
}

@Controller('inherited/:id')
@UseMemory({ session: 'query.bill', name: 'billing' })
class InheritedController extends CurrentController {}

@Controller('outside')
class OutsideController {
  constructor(private readonly agent: Agent) {}

  @Get()
  outside(): string {
    return this.agent.session
  }
}

describeWithRedis('the session of a call', (redis) => {
  let tested: MemoryTestingModule
  beforeAll(async () => {
    tested = await createMemoryTestingModule({
      redis,
      imports: [MemoryModule.forRoot({ connection: redis.connection }), MemoryModule.forFeature('billing')],
      controllers: [CurrentController, OwnedController, InheritedController, OutsideController],
      providers: [Agent],
      createApplication: (module) =>
        module
          .createNestApplication({ logger: false })
          .useGlobalPipes(
            new ValidationPipe({
              whitelist: true,
              forbidNonWhitelisted: true,
              transform: true,
              validateCustomDecorators: true,
            }),
          )
          .useGlobalFilters(new MemoryExceptionFilter()),
      listen: true,
    })
  })
  afterAll(() => tested.close())

  const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${tested.url}/${path}`, { ...init, signal: AbortSignal.timeout(10_000) })
    return { status: response.status, text: await response.text() }
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  describe('is found by services', () => {
    it.each([
      ['later', 'ID ID'],
      ['observable', 'ID ID'],
      ['iterable', 'ID ID ID'],
      ['file', 'ID ID ID'],
      ['events', expect.stringMatching(/data: ID ID ID\n[^]*data: ID ID ID\n/)],
    ])('in %s, and never in the place of another', async (path, expected) => {
      const ids = Array.from({ length: 20 }, (_, index) => `s${index}-`)
      const answers = await Promise.all(ids.map((id) => ask(`sessions/${id}/${path}`)))
      for (const [index, { text }] of answers.entries()) {
        expect(text.replaceAll(ids[index]!, 'ID')).toEqual(expected)
      }
    })

    it('in a stream that is kept, and when an Observable ends', async () => {
      expect((await post('sessions/k/kept', { message: 'hi' })).text).toBe('k k k')
      expect(tested.app.get(Agent).ended).toContain('s19-')
    })

    it('and nowhere else', async () => {
      expect((await ask('outside')).status).toBe(500)
      expect(() => tested.memory.current()).toThrow('@UseMemory')
    })
  })

  describe('comes from', () => {
    it('what the handler says before what its class says', async () => {
      expect((await ask('sessions/a/own/b')).text).toBe('b')
    })

    it('several memories, by their names', async () => {
      expect((await ask('sessions/a/billing/b?message=hi')).text).toBe('a,b,a,b,0')
      expect((await ask('sessions/a/billing/b?message=hi')).text).toBe('a,b,a,b,1')
      expect((await tested.memory.session('a').messages()).messages).toEqual([])
    })

    it('the classes that a class extends', async () => {
      expect((await ask('inherited/a/later?bill=b')).text).toBe('a a')
    })

    it('a call that names all that is asked of it', async () => {
      const headers = { 'x-user': 'ada', 'x-tenant': 'acme' }
      expect((await ask('owned/a', { headers })).text).toBe('a,ada,acme')
      for (const missing of ['x-user', 'x-tenant']) {
        const given = Object.entries(headers).filter(([name]) => name !== missing)
        const refused = await ask('owned/a', { headers: Object.fromEntries(given) })
        expect([refused.status, JSON.parse(refused.text).code]).toEqual([400, 'ARGUMENT_INVALID'])
      }
      expect((await ask('sessions/a*b/later')).status).toBe(400)
    })
  })

  it('passes through a validation of everything', async () => {
    const { memory } = tested
    await memory.session('v').state.set({ at: new Date(0) })
    expect((await post('sessions/v/validated', { message: 'hi' })).text).toBe('hi,v,0,0,1,object')
    expect((await post('sessions/v/validated', { message: 'hi' })).text).toBe('hi,v,2,2,1,object')
    expect((await post('sessions/v/validated', { message: 'hi', more: 1 })).status).toBe(400)
    expect((await memory.session('v').messages()).messages).toHaveLength(4)
  })

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['a number', 7],
    ['an object', { text: 'hi' }],
    ['what is no content', [{ no: 'part' }]],
    ['another role', { role: 'system', content: 'secret' }],
    ['another key', { role: 'user', content: 'secret', more: 1 }],
  ])('hears no user who says %s', async (_name, message) => {
    for (const key of [undefined, randomUUID()]) {
      const refused = await post('sessions/n/kept', { message }, key === undefined ? {} : { 'idempotency-key': key })
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([400, 'ARGUMENT_INVALID'])
      expect(refused.text).not.toContain('secret')
    }
    expect((await tested.memory.session('n').messages()).messages).toEqual([])
  })
})
