import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Body, Controller, HttpCode, Post, type ExecutionContext } from '@nestjs/common'
import {
  History,
  MemoryExceptionFilter,
  MemoryModule,
  OneTurnAtATime,
  PromptContext,
  RememberTurn,
  SessionState,
  UseMemory,
  type Message,
  type MessageContent,
  type MessageInput,
  type SessionContext,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { poll } from '../../../support/poll.js'
import { watchCommands } from '../../../support/watch-commands.js'

const asked: unknown[] = []
/** What a handler does with what it was given. */
const model = { change: (_message: unknown): void => undefined }

const userOf = (context: ExecutionContext): string | undefined =>
  context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>().headers['x-user']

class Phone {
  readonly number = 1
}

const withClass = (): MessageInput => ({ role: 'user', content: 'hi', metadata: { from: new Phone() } })

@Controller('sessions/:id')
@UseMemory({ session: 'params.id', user: userOf })
class OwnedController {
  @Post('plain')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  plain(@Body('message') message: unknown): string {
    return this.ask(message)
  }

  @Post('locked')
  @HttpCode(200)
  @OneTurnAtATime()
  @RememberTurn({ user: 'body.message' })
  locked(@Body('message') message: unknown): string {
    return this.ask(message)
  }

  @Post('history')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  history(@Body('message') message: unknown, @History() _history: Message[]): string {
    return this.ask(message)
  }

  @Post('context')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  context(@Body('message') message: unknown, @PromptContext() _context: SessionContext): string {
    return this.ask(message)
  }

  @Post('state')
  @HttpCode(200)
  @RememberTurn({ user: 'body.message' })
  state(@Body('message') message: unknown, @SessionState('code') _code: unknown): string {
    return this.ask(message)
  }

  @Post('unkeepable')
  @HttpCode(200)
  @RememberTurn({ user: withClass })
  unkeepable(@Body('message') message: unknown): string {
    return this.ask(message)
  }

  private ask(message: unknown): string {
    asked.push(message)
    model.change(message)
    return 'fine'
  }
}

const codeOf = ({ status, text }: { readonly status: number; readonly text: string }): [number, unknown] => [
  status,
  JSON.parse(text).code,
]

describeWithRedis('turns that cannot be kept', (redis) => {
  let tested: MemoryTestingModule
  let sessions = 0
  beforeAll(async () => {
    tested = await createMemoryTestingModule({
      redis,
      imports: [
        MemoryModule.forRoot({
          connection: redis.connection,
          session: { maxMessageBytes: '1kb', maxMessages: 4, onFull: 'refuse' },
        }),
      ],
      controllers: [OwnedController],
      createApplication: (module) =>
        module.createNestApplication({ logger: false }).useGlobalFilters(new MemoryExceptionFilter()),
      listen: true,
    })
  })
  beforeEach(() => {
    asked.length = 0
    model.change = () => undefined
    sessions += 1
  })
  afterAll(() => tested.close())

  const id = (): string => `s-${sessions}`
  const post = async (
    path: string,
    message: unknown,
    { user = 'bob', key }: { readonly user?: string; readonly key?: string | undefined } = {},
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${tested.url}/sessions/${id()}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': user, ...(key && { 'idempotency-key': key }) },
      body: JSON.stringify({ message }),
    })
    return { status: response.status, text: await response.text() }
  }
  const said = async (): Promise<[string, MessageContent][]> =>
    (await tested.memory.session(id()).messages()).messages.map(({ role, content }) => [role, content])

  describe('are refused before the handler runs', () => {
    it.each(['plain', 'locked', 'history', 'context', 'state'])(
      'when the session is another user’s, with a key: %s',
      async (path) => {
        await tested.memory.session(id(), { userId: 'ann' }).append({ role: 'user', content: 'mine' })
        expect(codeOf(await post(path, 'hello', { key: randomUUID() }))).toEqual([404, 'SESSION_NOT_FOUND'])
        expect(asked).toEqual([])
        expect(await said()).toEqual([['user', 'mine']])
      },
    )

    it.each(['locked', 'history', 'context', 'state'])(
      'when it is, without a key, where Redis is asked at all: %s',
      async (path) => {
        await tested.memory.session(id(), { userId: 'ann' }).append({ role: 'user', content: 'mine' })
        expect(codeOf(await post(path, 'hello'))).toEqual([404, 'SESSION_NOT_FOUND'])
        expect(asked).toEqual([])
        expect(await said()).toEqual([['user', 'mine']])
      },
    )

    it.each([undefined, randomUUID()])('when the message is too large (key: %s)', async (key) => {
      for (const message of ['x'.repeat(1_025), [{ type: 'text', text: 'x'.repeat(1_025) }]]) {
        expect(codeOf(await post('plain', message, { key }))).toEqual([413, 'TOO_LARGE'])
      }
      expect(asked).toEqual([])
    })

    it.each([undefined, randomUUID()])('when the message is nothing that can be kept (key: %s)', async (key) => {
      expect(codeOf(await post('unkeepable', 'hello', { key }))).toEqual([400, 'NOT_SERIALIZABLE'])
      expect(asked).toEqual([])
    })

    it('when the session is full, with a key', async () => {
      const message = { role: 'user', content: 'before' } as const
      await tested.memory.session(id()).append([message, message, message, message])
      expect(codeOf(await post('plain', 'hello', { key: randomUUID() }))).toEqual([507, 'SESSION_FULL'])
      expect(asked).toEqual([])
    })
  })

  it('are refused after it, where nobody asks Redis before: no call does so for this alone', async () => {
    expect((await post('plain', 'hello')).status).toBe(200)
    const watch = await watchCommands(redis)
    const linesOf = (session: string): readonly string[] =>
      watch.lines.filter((line) => line.includes(`:s:${session}}`))
    expect((await post('plain', 'again')).status).toBe(200)
    // What comes behind it was seen: so was all of it.
    await tested.memory.session('behind').info()
    await poll(() => linesOf('behind').length > 0)
    expect(linesOf(id())).toHaveLength(1)
    watch.stop()
    asked.length = 0
    expect(codeOf(await post('plain', 'hello', { user: 'ann' }))).toEqual([404, 'SESSION_NOT_FOUND'])
    expect(asked).toEqual(['hello'])
    expect(await said()).toHaveLength(4)
  })

  it.each([undefined, randomUUID()])(
    'are none for what a handler makes of what it was given (key: %s)',
    async (key) => {
      const message = [{ type: 'text', text: 'hello' }]
      model.change = (given) => {
        ;(given as unknown[]).push({ type: 'text', text: 'and more' })
        Object.assign((given as object[])[0]!, { text: 'changed' })
      }
      expect(await post('plain', message, { key })).toEqual({ status: 200, text: 'fine' })
      const kept = [
        ['user', message],
        ['assistant', 'fine'],
      ]
      expect(await said()).toEqual(kept)
      if (key === undefined) return
      expect(await post('plain', message, { key })).toEqual({ status: 200, text: 'fine' })
      expect(asked).toHaveLength(1)
      expect(await said()).toEqual(kept)
    },
  )
})
