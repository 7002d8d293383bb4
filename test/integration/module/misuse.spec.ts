import 'reflect-metadata'
import { Controller, Get, Next, Res } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from '@jest/globals'
import {
  CurrentLock,
  CurrentSession,
  History,
  MemoryConfigError,
  MemoryExceptionFilter,
  MemoryModule,
  MemoryService,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type AgentSession,
  type UseMemoryOptions,
} from 'nestjs-agent-memory'

const SESSION = { session: 'params.id' } as const

const use = (options: unknown) => () => UseMemory(options as UseMemoryOptions)

const startWith = async (controller: new () => object, ...features: string[]): Promise<void> => {
  const root = MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })
  const imports = [root, ...features.map((name) => MemoryModule.forFeature(name))]
  const app = await Test.createTestingModule({ imports, controllers: [controller] }).compile()
  try {
    await app.init()
  } finally {
    await app.close()
  }
}

const problemsOf = async (starting: Promise<void>) => {
  const error: unknown = await starting.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(MemoryConfigError)
  return (error as MemoryConfigError).problems
}

const hint = "@UseMemory({ session: 'params.sessionId' }) at the handler or its class"

describe('what could not work', () => {
  it('fails the start where a parameter has no session', async () => {
    @Controller()
    class AgentController {
      @Get()
      get(@CurrentSession() _session: AgentSession, @History({ turns: 1 }) _history: unknown): void {}
    }

    expect(await problemsOf(startWith(AgentController))).toEqual([
      { path: 'AgentController.get', given: '@History() without a session', allowed: hint },
      { path: 'AgentController.get', given: '@CurrentSession() without a session', allowed: hint },
    ])
  })

  it('fails the start where a lock or a turn has no session', async () => {
    @Controller()
    class AgentController {
      @Get()
      @OneTurnAtATime()
      @RememberTurn({ user: 'query.message' })
      get(): void {}
    }

    expect(await problemsOf(startWith(AgentController))).toEqual([
      { path: 'AgentController.get', given: '@OneTurnAtATime() without a session', allowed: hint },
      { path: 'AgentController.get', given: '@RememberTurn() without a session', allowed: hint },
    ])
  })

  it('fails the start for a lock that nothing takes', async () => {
    @Controller()
    @UseMemory(SESSION)
    class AgentController {
      @Get()
      get(@CurrentLock() _lock: unknown): void {}
    }

    expect(await problemsOf(startWith(AgentController))).toEqual([
      { path: 'AgentController.get', given: '@CurrentLock() without a lock', allowed: '@OneTurnAtATime() beside it' },
    ])
  })

  it('fails the start for a memory nobody named', async () => {
    @Controller()
    @UseMemory({ ...SESSION, name: 'bill' })
    class AgentController {
      @Get()
      get(): void {}
    }

    expect(await problemsOf(startWith(AgentController, 'billing', 'support'))).toEqual([
      {
        path: 'AgentController: @UseMemory.name',
        given: "'bill', which no forFeature of the application names",
        allowed: "'billing', 'support'",
      },
    ])
    expect(await problemsOf(startWith(AgentController))).toMatchObject([{ allowed: 'none: there is no forFeature' }])
  })

  it('fails the start for a parameter of a memory that the handler does not use', async () => {
    @Controller()
    @UseMemory(SESSION)
    class AgentController {
      @Get()
      get(@CurrentSession({ name: 'billing' }) _session: unknown): void {}
    }

    expect(await problemsOf(startWith(AgentController, 'billing'))).toEqual([
      {
        path: 'AgentController.get',
        given: "@CurrentSession() of the memory 'billing' without a session of the memory 'billing'",
        allowed: "@UseMemory({ session: 'params.sessionId', name: 'billing' }) at the handler or its class",
      },
    ])
  })

  it('fails the start for two sessions of one memory', async () => {
    @Controller()
    class AgentController {
      @Get()
      @UseMemory(SESSION)
      @UseMemory({ session: 'query.other' })
      get(): void {}
    }

    expect(await problemsOf(startWith(AgentController))).toEqual([
      {
        path: 'AgentController.get',
        given: 'two @UseMemory of the same memory',
        allowed: 'one for each memory, told apart by name',
      },
    ])
  })

  it('fails the start for a turn whose handler answers by itself, and not for one that passes through', async () => {
    @Controller()
    @UseMemory(SESSION)
    class AgentController {
      @Get('res')
      @RememberTurn({ user: 'query.message' })
      res(@Res() _response: unknown): void {}

      @Get('next')
      @RememberTurn({ user: 'query.message' })
      next(@Next() _next: unknown): void {}

      @Get('through')
      @RememberTurn({ user: 'query.message' })
      through(@Res({ passthrough: true }) _response: unknown): void {}

      @Get('forgotten')
      forgotten(@Res() _response: unknown): void {}
    }

    const given = '@RememberTurn() at a handler that answers by itself, through @Res() or @Next()'
    const allowed = 'a handler that returns its answer, or @Res({ passthrough: true })'
    expect(await problemsOf(startWith(AgentController))).toEqual([
      { path: 'AgentController.res', given, allowed },
      { path: 'AgentController.next', given, allowed },
    ])
  })

  it('is refused where a decorator is given what cannot be', () => {
    expect(use(undefined)).toThrow('@UseMemory: undefined given; allowed: an object of session, user, tenant, name')
    expect(use({})).toThrow("@UseMemory.session: nothing given; allowed: a path that begins with 'params.'")
    expect(use({ session: 'sessionId' })).toThrow("@UseMemory.session: 'sessionId' given; allowed: a path that begins")
    expect(use({ session: 'params.id', sesion: 1 })).toThrow('@UseMemory.sesion: an unknown name given')
    expect(() => RememberTurn({ user: 'body.message', wait: '2h' })).toThrow('@RememberTurn.wait: ')
    expect(() => RememberTurn({ user: 'body.message', onDisconnect: 'keep' as never })).toThrow("'store' or 'drop'")
    expect(() => OneTurnAtATime({ ttl: '10ms' })).toThrow("@OneTurnAtATime.ttl: '10ms' given")
  })

  it('is refused, with what is missing, when a call names no session or nobody whose it is', async () => {
    @Controller()
    class AgentController {
      @Get('session')
      @UseMemory({ session: 'query.id' })
      session(): void {}

      @Get('user')
      @UseMemory({ session: 'query.id', user: () => undefined })
      user(): void {}
    }

    const root = MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })
    const module = await Test.createTestingModule({ imports: [root], controllers: [AgentController] }).compile()
    const app = module.createNestApplication()
    app.useGlobalFilters(new MemoryExceptionFilter())
    await app.listen(0, '127.0.0.1')
    const asked = async (path: string) => (await fetch(`${await app.getUrl()}/${path}`)).json()
    expect(await asked('session')).toMatchObject({
      status: 400,
      path: 'query.id',
      detail: 'query.id: undefined given; allowed: the id of the session',
    })
    expect(await asked('user?id=s')).toMatchObject({
      status: 400,
      detail: 'user: undefined given; allowed: the id of the user',
    })
    await app.close()
  })

  it('says so where the current session is asked for outside of a call', async () => {
    const root = MemoryModule.forRoot({ connection: { url: 'redis://127.0.0.1:1' } })
    const app = await Test.createTestingModule({ imports: [root] }).compile()
    expect(() => app.get(MemoryService).current()).toThrow(
      'memory.current(): a call that has no session of this memory given; allowed: a call to a handler with @UseMemory',
    )
    await app.close()
  })
})
