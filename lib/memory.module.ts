import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common'
import { MemoryConfigError } from './errors/memory-config.error.js'
import type { Problem } from './errors/problem.js'
import { AgentMemoryHealthIndicator } from './health/agent-memory.health.js'
import { MemoryCoreModule } from './memory-core.module.js'
import { JOURNAL, ROOT_MEMORY } from './memory.constants.js'
import { MemoryService } from './memory.service.js'
import { MemoryBodyPipe } from './nest/exact/memory-body.pipe.js'
import { MemoryJson } from './nest/exact/memory-json.js'
import { MemorySerializationInterceptor } from './nest/memory-serialization.interceptor.js'
import type { MemoryModuleAsyncOptions } from './options/memory-module-async-options.interface.js'
import type { MemoryModuleExtras } from './options/memory-module-extras.interface.js'
import type { MemoryModuleOptions } from './options/memory-options.interface.js'
import { forRootAsyncProblems, forRootProblems } from './options/registration-problems.js'
import { RedisConnection } from './redis/connection.js'
import type { Journal } from './resilience/journal/journal.js'
import { Serialization } from './serialization/serialization.js'

const refuse = (problems: readonly Problem[]): void => {
  if (problems.length > 0) throw new MemoryConfigError(problems)
}

const fromRoot = <T>(found: T | undefined): T => {
  if (found !== undefined) return found
  throw new MemoryConfigError({
    path: 'MemoryModule',
    given: 'the bare module, without MemoryModule.forRoot(…) anywhere in the application',
    allowed: "one MemoryModule.forRoot({ connection: { url: 'redis://…' } }) in the imports of the root module",
  })
}

const memory: FactoryProvider<MemoryService> = {
  provide: MemoryService,
  useFactory: (found?: MemoryService) => fromRoot(found),
  inject: [{ token: ROOT_MEMORY, optional: true }],
}

const health: FactoryProvider<AgentMemoryHealthIndicator> = {
  provide: AgentMemoryHealthIndicator,
  useFactory: (found?: RedisConnection, journal?: Journal) => new AgentMemoryHealthIndicator(fromRoot(found), journal),
  inject: [
    { token: RedisConnection, optional: true },
    { token: JOURNAL, optional: true },
  ],
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

  private static over(core: DynamicModule, { isGlobal = false }: MemoryModuleExtras): DynamicModule {
    return { module: MemoryModule, imports: [core], global: isGlobal }
  }
}
