import { Inject, Injectable, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from '@jest/globals'
import { AgentMemoryHealthIndicator, MemoryConfigError, MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { MEMORY_OPTIONS_TRANSFORM, RESOLVED_MEMORY_OPTIONS } from '../../../lib/memory.constants.js'
import { MODULE_OPTIONS_TOKEN } from '../../../lib/memory.module-definition.js'
import type { MemoryModuleAsyncOptions } from '../../../lib/options/memory-module-async-options.interface.js'
import type { MemoryOptionsFactory } from '../../../lib/options/memory-options-factory.interface.js'
import type { MemoryModuleOptions } from '../../../lib/options/memory-options.interface.js'
import { callUntyped } from './call-untyped.js'

// Nothing listens here, and nothing has to: what is compiled only does not connect.
const OPTIONS = { connection: { url: 'redis://127.0.0.1:1' }, namespace: 'registered' } as const

const SETTINGS = Symbol('settings')

@Module({ providers: [{ provide: SETTINGS, useValue: OPTIONS }], exports: [SETTINGS] })
class SettingsModule {}

@Injectable()
class OptionsFactory implements MemoryOptionsFactory {
  constructor(@Inject(SETTINGS) private readonly settings: MemoryModuleOptions) {}

  async createMemoryOptions(): Promise<MemoryModuleOptions> {
    return this.settings
  }
}

@Module({ imports: [SettingsModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class FactoryModule {}

@Injectable()
class Agent {
  constructor(
    @Inject(MemoryService) readonly memory: MemoryService,
    @Inject(AgentMemoryHealthIndicator) readonly health: AgentMemoryHealthIndicator,
  ) {}
}

@Module({ providers: [Agent] })
class AgentModule {}

@Module({ imports: [MemoryModule], providers: [Agent] })
class ImportingAgentModule {}

const compile = (...imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>) =>
  Test.createTestingModule({ imports }).compile()

const refusalOf = (call: () => unknown): MemoryConfigError => {
  try {
    call()
  } catch (error) {
    if (error instanceof MemoryConfigError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const useFactory = () => OPTIONS
const useClass = OptionsFactory
const useExisting = OptionsFactory

const failing = async (): Promise<MemoryModuleOptions> => {
  throw new Error('the settings could not be read')
}

describe('MemoryModule.forRoot', () => {
  it('provides MemoryService and the health indicator', async () => {
    const app = await compile(MemoryModule.forRoot(OPTIONS))
    expect(app.get(MemoryService)).toBeInstanceOf(MemoryService)
    expect(app.get(AgentMemoryHealthIndicator)).toBeInstanceOf(AgentMemoryHealthIndicator)
    expect(app.get(RESOLVED_MEMORY_OPTIONS)).toMatchObject({ namespace: 'registered' })
  })

  it('gives every module that imports MemoryModule the same memory', async () => {
    const app = await compile(MemoryModule.forRoot(OPTIONS), ImportingAgentModule)
    expect(app.get(Agent, { strict: false }).memory).toBe(app.get(MemoryService))
  })

  it('is not global unless asked to be', async () => {
    await expect(compile(MemoryModule.forRoot(OPTIONS), AgentModule)).rejects.toThrow(/MemoryService/)
    const app = await compile(MemoryModule.forRoot({ ...OPTIONS, isGlobal: true }), AgentModule)
    expect(app.get(Agent, { strict: false }).memory).toBeInstanceOf(MemoryService)
  })

  it('takes isGlobal for no option', async () => {
    const options = Object.freeze({ ...OPTIONS, isGlobal: true })
    const app = await compile(MemoryModule.forRoot(options))
    expect(app.get(MODULE_OPTIONS_TOKEN)).toEqual(OPTIONS)
    expect(app.get(RESOLVED_MEMORY_OPTIONS)).not.toHaveProperty('isGlobal')
    expect(options).toEqual({ ...OPTIONS, isGlobal: true })
  })

  it.each([[undefined], [null], ['redis://127.0.0.1:1'], [() => OPTIONS], [[OPTIONS]]])(
    'refuses %p at once',
    (options) => {
      const error = refusalOf(() => callUntyped('forRoot', options))
      expect(error.problems).toEqual([
        expect.objectContaining({ path: 'forRoot', allowed: expect.stringContaining('{ connection:') }),
      ])
    },
  )

  it('refuses an isGlobal that is no boolean at once', () => {
    const error = refusalOf(() => callUntyped('forRoot', { ...OPTIONS, isGlobal: 'yes' }))
    expect(error.problems).toEqual([{ path: 'isGlobal', given: "'yes'", allowed: 'true or false' }])
  })

  it('may be called once in an application', async () => {
    @Module({ imports: [MemoryModule.forRoot({ ...OPTIONS, namespace: 'second' })] })
    class SecondModule {}

    const compiling = compile(MemoryModule.forRoot(OPTIONS), SecondModule)
    await expect(compiling).rejects.toBeInstanceOf(MemoryConfigError)
    await expect(compiling).rejects.toThrow(/MemoryModule\.forRoot: 2 calls in one application given; allowed: one/)
  })

  it('may be imported twice as one and the same module', async () => {
    const memoryModule = MemoryModule.forRoot(OPTIONS)

    @Module({ imports: [memoryModule], providers: [Agent] })
    class SecondModule {}

    const app = await compile(memoryModule, SecondModule)
    expect(app.get(Agent, { strict: false }).memory).toBe(app.get(MemoryService))
  })

  it('is missed where MemoryModule is imported alone', async () => {
    const compiling = compile(ImportingAgentModule)
    await expect(compiling).rejects.toBeInstanceOf(MemoryConfigError)
    await expect(compiling).rejects.toThrow(/one MemoryModule\.forRoot\(.*in the imports of the root module/)
  })

  it('lets the test kit replace the options, also ones that would be refused', async () => {
    const app = await Test.createTestingModule({ imports: [MemoryModule.forRoot({ connection: { url: '' } })] })
      .overrideProvider(MEMORY_OPTIONS_TRANSFORM)
      .useValue((options: MemoryModuleOptions) => ({ ...options, ...OPTIONS }))
      .compile()
    expect(app.get(RESOLVED_MEMORY_OPTIONS)).toMatchObject(OPTIONS)
  })
})

describe('MemoryModule.forRootAsync', () => {
  it.each<[string, MemoryModuleAsyncOptions]>([
    [
      'useFactory',
      { imports: [SettingsModule], inject: [SETTINGS], useFactory: (settings: MemoryModuleOptions) => settings },
    ],
    ['useFactory with a promise', { useFactory: async () => OPTIONS }],
    ['useClass', { imports: [SettingsModule], useClass: OptionsFactory }],
    ['useExisting', { imports: [FactoryModule], useExisting: OptionsFactory }],
  ])('takes the options from %s', async (_, options) => {
    const app = await compile(MemoryModule.forRootAsync(options))
    expect(app.get(RESOLVED_MEMORY_OPTIONS)).toMatchObject(OPTIONS)
    expect(app.get(MemoryService)).toBeInstanceOf(MemoryService)
  })

  it('is global when asked to be', async () => {
    await expect(compile(MemoryModule.forRootAsync({ useFactory }), AgentModule)).rejects.toThrow(/MemoryService/)
    const app = await compile(MemoryModule.forRootAsync({ isGlobal: true, useFactory }), AgentModule)
    expect(app.get(Agent, { strict: false }).memory).toBe(app.get(MemoryService))
    expect(app.get(MODULE_OPTIONS_TOKEN)).toEqual(OPTIONS)
  })

  it('refuses isGlobal from the factory', async () => {
    const compiling = compile(MemoryModule.forRootAsync({ useFactory: () => ({ ...OPTIONS, isGlobal: true }) }))
    await expect(compiling).rejects.toThrow(
      /isGlobal: the boolean true given; allowed: nothing here.*beside useFactory/,
    )
  })

  it('hands on what a factory throws', async () => {
    await expect(compile(MemoryModule.forRootAsync({ useFactory: failing }))).rejects.toThrow(
      'the settings could not be read',
    )
  })

  it.each<[string, unknown, string, string, string]>([
    ['nothing', undefined, 'forRootAsync', 'undefined', 'useFactory: () =>'],
    ['a factory as it is', useFactory, 'forRootAsync', 'a function', 'useFactory: () =>'],
    ['no way', {}, 'forRootAsync', 'none of them', 'exactly one of useFactory, useClass and useExisting'],
    ['a way that is not set', { useFactory: undefined }, 'forRootAsync', 'none of them', 'exactly one of'],
    ['two ways', { useFactory, useClass }, 'forRootAsync', 'useFactory and useClass', 'exactly one of'],
    [
      'three ways',
      { useFactory, useClass, useExisting },
      'forRootAsync',
      'useFactory and useClass and useExisting',
      'exactly one of',
    ],
    ['options for a factory', { useFactory: OPTIONS }, 'forRootAsync.useFactory', 'a plain object', 'a function'],
    ['an instance for a class', { useClass: {} }, 'forRootAsync.useClass', 'a plain object', 'createMemoryOptions()'],
    [
      'an option beside the factory',
      { useFactory, namespace: 'a' },
      'forRootAsync.namespace',
      'a string of 1 characters',
      'namespace is part of what the factory returns',
    ],
    [
      'a misspelt name',
      { useFactory, isglobal: true },
      'forRootAsync.isglobal',
      'the boolean true',
      'did you mean isGlobal?',
    ],
    ['an isGlobal that is no boolean', { useFactory, isGlobal: 1 }, 'isGlobal', 'the number 1', 'true or false'],
    [
      'imports that are no array',
      { useFactory, imports: SettingsModule },
      'forRootAsync.imports',
      'a function',
      'array',
    ],
    ['inject that is no array', { useFactory, inject: SETTINGS }, 'forRootAsync.inject', 'a symbol', 'array'],
  ])('refuses %s at once', (_, options, path, given, allowed) => {
    const error = refusalOf(() => callUntyped('forRootAsync', options))
    expect(error.problems).toEqual([{ path, given, allowed: expect.stringContaining(allowed) }])
  })
})
