import { type DynamicModule, type FactoryProvider, type InjectionToken, Module } from '@nestjs/common'
import { MemoryConfigError } from './errors/memory-config.error.js'
import type { Problem } from './errors/problem.js'
import { MemoryCoreModule } from './memory-core.module.js'
import { ROOT_MEMORY } from './memory.constants.js'
import { MemoryService } from './memory.service.js'
import { FEATURE_DEFINITION, type FeatureDefinition } from './named/feature-definition.js'
import { Memories, type NamedMemory } from './named/memories.js'
import { getMemoryOptionsToken, getMemoryToken } from './named/memory-tokens.js'
import { missingRoot } from './named/missing-root.js'
import { MemoryBodyPipe } from './nest/exact/memory-body.pipe.js'
import { MemoryJson } from './nest/exact/memory-json.js'
import { MemoryExceptionFilter } from './nest/filter/memory-exception.filter.js'
import { AgentMemoryHealthIndicator } from './nest/health/agent-memory.health.js'
import { MemoryProbe } from './nest/health/memory-probe.js'
import { MemorySerializationInterceptor } from './nest/memory-serialization.interceptor.js'
import { forFeatureProblems } from './options/feature-problems.js'
import type { MemoryFeatureOptions } from './options/memory-feature-options.interface.js'
import type { MemoryModuleAsyncOptions } from './options/memory-module-async-options.interface.js'
import type { MemoryModuleExtras } from './options/memory-module-extras.interface.js'
import type { MemoryModuleOptions } from './options/memory-options.interface.js'
import { givenOverrides } from './options/merge-feature-options.js'
import { forRootAsyncProblems, forRootProblems } from './options/registration-problems.js'
import { Serialization } from './serialization/serialization.js'

const refuse = (problems: readonly Problem[]): void => {
  if (problems.length > 0) throw new MemoryConfigError(problems)
}

const fromRoot = <T>(found: T | undefined): T => {
  if (found !== undefined) return found
  throw missingRoot('MemoryModule', 'the bare module, or forFeature,')
}

const memory: FactoryProvider<MemoryService> = {
  provide: MemoryService,
  useFactory: (found?: MemoryService) => fromRoot(found),
  inject: [{ token: ROOT_MEMORY, optional: true }],
}

const health: FactoryProvider<AgentMemoryHealthIndicator> = {
  provide: AgentMemoryHealthIndicator,
  useFactory: (found?: MemoryProbe) => new AgentMemoryHealthIndicator(fromRoot(found)),
  inject: [{ token: MemoryProbe, optional: true }],
}

const bySerialization = <T>(provide: new (serialization: Serialization) => T): FactoryProvider<T> => ({
  provide,
  useFactory: (found?: Serialization) => new provide(fromRoot(found)),
  inject: [{ token: Serialization, optional: true }],
})

const providers = [
  memory,
  health,
  bySerialization(MemorySerializationInterceptor),
  bySerialization(MemoryBodyPipe),
  bySerialization(MemoryJson),
  { provide: MemoryExceptionFilter, useClass: MemoryExceptionFilter },
]

/**
 * Agent memory on Redis, as MemoryService.
 *
 * The root module imports `MemoryModule.forRoot(options)` or `MemoryModule.forRootAsync(…)`, once. A module that injects
 * MemoryService imports `MemoryModule` as it is, unless `isGlobal` is set; all of them get the same instance.
 *
 * The options are checked while the application is put together, before anything connects: in both forms the start
 * fails with one MemoryConfigError that lists every problem.
 *
 * @publicApi
 */
@Module({ providers, exports: providers.map(({ provide }) => provide) })
export class MemoryModule {
  /**
   * @throws MemoryConfigError at once when it is given no object, or an `isGlobal` that is no boolean; at the start of
   * the application for all else
   */
  static forRoot(options: MemoryModuleOptions & MemoryModuleExtras): DynamicModule {
    refuse(forRootProblems(options))
    return MemoryModule.over(MemoryCoreModule.forRoot(options), options)
  }

  /**
   * Takes the options from a factory: `{ imports, inject, useFactory }`, or a MemoryOptionsFactory as `useClass` or
   * `useExisting`.
   *
   * @throws MemoryConfigError at once unless exactly one of the three is given; at the start of the application for
   * problems of the options
   */
  static forRootAsync(options: MemoryModuleAsyncOptions): DynamicModule {
    refuse(forRootAsyncProblems(options))
    return MemoryModule.over(MemoryCoreModule.forRootAsync(options), options)
  }

  /**
   * A memory of its own by name, on the same connection: `@InjectMemory(name)` injects it in the module that imports this.
   * There is one of each name in the application. Without overrides it is the one that is registered elsewhere, or else as in
   * `forRoot`, in the namespace `<namespace of forRoot>.<name>`. In any order, also in modules that are loaded lazily.
   *
   *     MemoryModule.forFeature('billing', { session: { ttl: '30d' } })
   *
   * @param name 1 to 32 of the characters `A-Z a-z 0-9 _ -`
   * @throws MemoryConfigError at once for a name or an option that cannot be; at the start of the application for the values of
   * options, for overrides that differ from place to place, and where there is no forRoot
   */
  static forFeature(name: string, overrides?: MemoryFeatureOptions): DynamicModule {
    refuse(forFeatureProblems(name, overrides))
    const named = <T>(provide: InjectionToken, of: (made: NamedMemory) => T): FactoryProvider<T> => ({
      provide,
      useFactory: (memories?: Memories) => of(fromRoot(memories).define(name)),
      inject: [{ token: Memories, optional: true }],
    })
    const tokens = [
      named(getMemoryToken(name), (made) => made.memory),
      named(getMemoryOptionsToken(name), (made) => made.options),
    ]
    const definition: FeatureDefinition = { name, overrides: givenOverrides(overrides) }
    return {
      module: MemoryModule,
      providers: [{ provide: FEATURE_DEFINITION, useValue: definition }, ...tokens],
      exports: tokens.map(({ provide }) => provide),
    }
  }

  private static over(core: DynamicModule, { isGlobal = false }: MemoryModuleExtras): DynamicModule {
    return { module: MemoryModule, imports: [core], global: isGlobal }
  }
}
