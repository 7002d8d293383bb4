import { Inject, Injectable, Module, Scope, type ModuleMetadata } from '@nestjs/common'
import { LazyModuleLoader } from '@nestjs/core'
import { expect, it } from '@jest/globals'
import {
  EstimatingTokenCounter,
  getMemoryToken,
  InjectMemory,
  MemoryConfigError,
  MemoryModule,
  MemoryService,
  TokenCounter,
  type MemoryFeatureOptions,
  type TokenCounterOption,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { TOKENS_PER_MESSAGE } from '../../../lib/context/count-message.js'
import { RecordingLogger } from '../../support/recording-logger.js'

const TEXT = 'five words are in here'
const WORDS = 5
const hello = { role: 'user', content: TEXT } as const

@Injectable()
class WordCounter extends TokenCounter {
  override count(text: string): number {
    return text.split(' ').length
  }
}

/** What a counter answers, whatever the text. */
const answering = (answer: unknown): TokenCounter => ({ count: () => answer as number })

const failing: TokenCounter = {
  count: (text) => {
    throw new RangeError(`cannot count ${text}`)
  },
}

const tokensIn = async (memory: MemoryService, id = 'chat'): Promise<number> => {
  const { messages, tokens } = await memory.session(id).context()
  return tokens - messages.length * TOKENS_PER_MESSAGE
}

const problemsOf = async (booting: Promise<MemoryTestingModule>) => {
  const error: unknown = await booting.then(
    (tested) => tested.close(),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(MemoryConfigError)
  return (error as MemoryConfigError).problems
}

describeWithRedis('the counter of the application', (redis) => {
  const boot = (
    tokenCounter: TokenCounterOption,
    module: ModuleMetadata = {},
    overrides?: MemoryFeatureOptions,
    logger = new RecordingLogger(),
  ): Promise<MemoryTestingModule> => {
    // It does not import the module of the memory, nor does that import it.
    @Module(module)
    class CountingModule {}
    return createMemoryTestingModule({
      redis,
      imports: [
        MemoryModule.forRoot({ connection: redis.connection, tokenCounter }),
        ...(overrides === undefined ? [] : [MemoryModule.forFeature('billing', overrides)]),
        CountingModule,
      ],
      createApplication: (testing) => testing.createNestApplication({ logger }),
    })
  }

  it('is an object', async () => {
    await using tested = await boot(new WordCounter())
    await tested.memory.session('chat').append(hello)
    expect(await tokensIn(tested.memory)).toBe(WORDS)
  })

  it('is a class of the container, which may use the memory that it counts for', async () => {
    const seen: unknown[] = []
    @Injectable()
    class Counter extends WordCounter {
      constructor(@Inject(MemoryService) private readonly memory: MemoryService) {
        super()
      }
      override count(text: string): number {
        seen.push(this.memory.status().inFlight)
        return super.count(text)
      }
    }
    await using tested = await boot(Counter, { imports: [MemoryModule], providers: [Counter] })
    await tested.memory.session('chat').append(hello)
    expect(await tokensIn(tested.memory)).toBe(WORDS)
    expect(seen).toEqual([expect.any(Number)])
  })

  it('is what a token stands for, made by a factory that takes its time', async () => {
    const token = Symbol('counter')
    const provider = { provide: token, useFactory: async () => await Promise.resolve(new WordCounter()) }
    await using tested = await boot(token, { providers: [provider, { provide: 'other name', useExisting: token }] })
    await tested.memory.session('chat').append(hello)
    expect(await tokensIn(tested.memory)).toBe(WORDS)
  })

  it('is another one for a named memory, which it may inject', async () => {
    @Injectable()
    class Letters extends TokenCounter {
      constructor(@InjectMemory('billing') readonly billing: MemoryService) {
        super()
      }
      override count(text: string): number {
        return text.length
      }
    }
    const counting = { imports: [MemoryModule.forFeature('billing')], providers: [Letters, WordCounter] }
    await using tested = await boot(WordCounter, counting, { tokenCounter: Letters })
    const billing = tested.app.get<MemoryService>(getMemoryToken('billing'), { strict: false })
    await Promise.all([tested.memory, billing].map((memory) => memory.session('chat').append(hello)))
    expect(await tokensIn(tested.memory)).toBe(WORDS)
    expect(await tokensIn(billing)).toBe(TEXT.length)
  })

  it('is found at its first use, where its module is loaded lazily with the memory', async () => {
    await using tested = await boot(new WordCounter())
    @Injectable()
    class Letters extends TokenCounter {
      override count(text: string): number {
        return text.length
      }
    }
    @Module({ imports: [MemoryModule.forFeature('late', { tokenCounter: Letters })], providers: [Letters] })
    class LateModule {}
    const module = await tested.app.get(LazyModuleLoader).load(() => LateModule)
    const late = module.get<MemoryService>(getMemoryToken('late'), { strict: false })
    await late.session('chat').append(hello)
    expect(await tokensIn(late)).toBe(TEXT.length)
  })

  it('counts what is written from then on, and leaves the numbers that are there', async () => {
    const session = 'counted-before'
    await using before = await boot(answering(70))
    await before.memory.session(session).append(hello)
    const { namespace } = before
    await using after = await createMemoryTestingModule({
      redis,
      namespace,
      imports: [MemoryModule.forRoot({ connection: redis.connection, tokenCounter: new WordCounter() })],
    })
    await after.memory.session(session).append(hello)
    expect(await tokensIn(after.memory, session)).toBe(70 + WORDS)
  })

  it('counts summary and state in a context', async () => {
    await using tested = await boot(answering(3))
    const session = tested.memory.session('chat')
    await session.append(hello)
    expect((await session.context()).tokens).toBe(3 + TOKENS_PER_MESSAGE)
    await session.state.set({ plan: 'gold' })
    expect((await session.context()).tokens).toBe(3 + TOKENS_PER_MESSAGE + 3)
  })

  it('has a fraction rounded up', async () => {
    await using tested = await boot(answering(0.25))
    await tested.memory.session('chat').append(hello)
    expect(await tokensIn(tested.memory)).toBe(1)
  })

  it('loses no message by failing, and says so once without the text', async () => {
    const logger = new RecordingLogger()
    await using tested = await boot(failing, {}, undefined, logger)
    await tested.memory.session('chat').append([hello, hello])
    expect(await tokensIn(tested.memory)).toBe(2 * new EstimatingTokenCounter().count(TEXT))
    const said = logger.ofMemory.map(({ text }) => text).filter((text) => text.includes('tokenCounter'))
    expect(said).toEqual(['tokenCounter failed with RangeError: what it cannot count is estimated'])
    expect(logger.lines.some(({ whole }) => whole.includes(TEXT))).toBe(false)
  })

  it.each([
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
    ['NaN', Number.NaN, 'NaN'],
    ['less than nothing', -1, 'the number -1'],
    ['a text', '5', 'a string of 1 characters'],
  ])('refuses to write with one that answers %s', async (_case, answer, kind) => {
    await using tested = await boot(answering(answer))
    const session = tested.memory.session('chat')
    await expect(session.append(hello)).rejects.toThrow(
      `tokenCounter.count: a method that answers ${kind} given; allowed: one that answers a number of tokens from 0, and no promise of one`,
    )
    expect((await session.messages()).messages).toEqual([])
  })

  const allowed = 'one provider of the default scope in the modules of the application, with a method count(text)'

  it('fails the start when no module provides it', async () => {
    expect(await problemsOf(boot(WordCounter))).toEqual([
      { path: 'tokenCounter', given: 'the class WordCounter, which no module provides,', allowed },
    ])
  })

  it('fails the start when a named memory names what nobody provides', async () => {
    const problems = await problemsOf(boot(new WordCounter(), {}, { tokenCounter: 'counter' }))
    expect(problems).toEqual([
      { path: "forFeature('billing').tokenCounter", given: 'the token counter, which no module provides,', allowed },
    ])
  })

  it('fails the start when each request would have its own', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends WordCounter {}
    const problems = await problemsOf(boot(PerRequest, { providers: [PerRequest] }))
    expect(problems).toEqual([
      { path: 'tokenCounter', given: 'the class PerRequest, which is made anew for each request or user,', allowed },
    ])
  })

  it('fails the start when two modules provide different ones', async () => {
    @Module({ providers: [WordCounter] })
    class Other {}
    const problems = await problemsOf(boot(WordCounter, { imports: [Other], providers: [WordCounter] }))
    expect(problems).toEqual([
      { path: 'tokenCounter', given: 'the class WordCounter, which 2 modules provide differently,', allowed },
    ])
  })

  it('fails the start when it cannot count', async () => {
    const problems = await problemsOf(boot('counter', { providers: [{ provide: 'counter', useValue: 7 }] }))
    expect(problems).toEqual([{ path: 'tokenCounter', given: 'the token counter, which is the number 7,', allowed }])
  })

  it.each([
    ['null', null],
    ['a plain object', {}],
    ['a function', (text: string) => text.length],
    ['an empty string', ''],
  ])('is not %s', async (given, tokenCounter) => {
    expect(await problemsOf(boot(tokenCounter as unknown as TokenCounter))).toEqual([
      {
        path: 'tokenCounter',
        given,
        allowed: 'an object with a method count(text), or the class or token of a provider that is one',
      },
    ])
  })
})
