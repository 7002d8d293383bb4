import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { ModulesContainer } from '@nestjs/core/injector/modules-container.js'
import { CallsUnderWay } from './call/calls-under-way.js'
import { MemoryConfigError } from './errors/memory-config.error.js'
import {
  CHECKS,
  GIVEN_MEMORY_OPTIONS,
  JOURNAL,
  MEMORY_OPTIONS_TRANSFORM,
  RESOLVED_MEMORY_OPTIONS,
  ROOT_MEMORY,
} from './memory.constants.js'
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './memory.module-definition.js'
import { MemoryService } from './memory.service.js'
import { loadChecks, type Checks } from './named/load-checks.js'
import { Memories } from './named/memories.js'
import { tokenCounterOf } from './named/token-counter-of.js'
import { BundleCheck } from './nest/class-transformer/check-bundle.js'
import { HandlerCheck } from './nest/call/check-handlers.js'
import { MemoryProbe } from './nest/health/memory-probe.js'
import { ConnectionTelemetry } from './observability/connection-telemetry.js'
import type { MemoryOptionsTransform } from './options/memory-options-transform.interface.js'
import type { MemoryModuleOptions } from './options/memory-options.interface.js'
import type { ResolvedMemoryOptions } from './options/resolved-options.interface.js'
import { RedisConnection } from './redis/connection.js'
import { Journal } from './resilience/journal/journal.js'
import { Resilience } from './resilience/resilience.js'
import { createSerialization } from './serialization/create-serialization.js'
import { Serialization } from './serialization/serialization.js'

/** Two connections under one injection token would be told apart by chance. */
function refuseSecondRoot(modules: ModulesContainer): void {
  const roots = [...modules.values()].filter(({ metatype }) => metatype === MemoryCoreModule)
  if (roots.length <= 1) return
  throw new MemoryConfigError({
    path: 'MemoryModule.forRoot',
    given: `${roots.length} calls in one application`,
    allowed: 'one, in the root module; other modules import MemoryModule as it is, or it is made global with isGlobal',
  })
}

const givenOptions = {
  provide: GIVEN_MEMORY_OPTIONS,
  useFactory: (options: MemoryModuleOptions, transform: MemoryOptionsTransform, modules: ModulesContainer) => {
    refuseSecondRoot(modules)
    return transform(options)
  },
  inject: [MODULE_OPTIONS_TOKEN, MEMORY_OPTIONS_TRANSFORM, ModulesContainer],
}

const memories = {
  provide: Memories,
  useFactory: (
    root: MemoryService,
    resilience: Resilience,
    journal: Journal | undefined,
    given: MemoryModuleOptions,
    resolved: ResolvedMemoryOptions,
    transform: MemoryOptionsTransform,
    modules: ModulesContainer,
    checks: Checks,
  ) => new Memories(root, { resilience, journal, given, resolved, transform, checks }, modules),
  inject: [
    ROOT_MEMORY,
    Resilience,
    JOURNAL,
    GIVEN_MEMORY_OPTIONS,
    RESOLVED_MEMORY_OPTIONS,
    MEMORY_OPTIONS_TRANSFORM,
    ModulesContainer,
    CHECKS,
  ],
}

/**
 * What there is once per application: the options, the connection and the memory on it. Always global, so that named
 * memories in other modules find the connection.
 *
 * Nothing connects before `onModuleInit`: an application that cannot be put together leaves no socket behind. The
 * connection is closed in `onApplicationShutdown`, because requests are served, and other modules say goodbye, until
 * then.
 */
@Module({
  providers: [
    { provide: MEMORY_OPTIONS_TRANSFORM, useValue: (options: MemoryModuleOptions) => options },
    givenOptions,
    { provide: CHECKS, useFactory: loadChecks },
    {
      provide: RESOLVED_MEMORY_OPTIONS,
      useFactory: (checks: Checks, options: MemoryModuleOptions) => checks.resolveMemoryOptions(options),
      inject: [CHECKS, GIVEN_MEMORY_OPTIONS],
    },
    memories,
    HandlerCheck,
    BundleCheck,
    { provide: CallsUnderWay, useClass: CallsUnderWay },
    {
      provide: RedisConnection,
      useFactory: (options: ResolvedMemoryOptions) => new RedisConnection(options),
      inject: [RESOLVED_MEMORY_OPTIONS],
    },
    {
      provide: Resilience,
      useFactory: (connection: RedisConnection, options: ResolvedMemoryOptions) =>
        new Resilience(connection, options.resilience, new ConnectionTelemetry(options.connection)),
      inject: [RedisConnection, RESOLVED_MEMORY_OPTIONS],
    },
    {
      provide: JOURNAL,
      useFactory: ({ resilience: { journal } }: ResolvedMemoryOptions) => journal && new Journal(journal),
      inject: [RESOLVED_MEMORY_OPTIONS],
    },
    {
      provide: ROOT_MEMORY,
      useFactory: (
        resilience: Resilience,
        options: ResolvedMemoryOptions,
        serialization: Serialization,
        modules: ModulesContainer,
        journal: Journal | undefined,
        checks: Checks,
      ) => {
        const tokens = tokenCounterOf(options.tokenCounter, modules, 'tokenCounter')
        const schema = checks.createStateSchema(options.state)
        return new MemoryService(resilience, options, serialization, tokens, schema, journal)
      },
      inject: [Resilience, RESOLVED_MEMORY_OPTIONS, Serialization, ModulesContainer, JOURNAL, CHECKS],
    },
    { provide: Serialization, useFactory: createSerialization, inject: [RESOLVED_MEMORY_OPTIONS] },
    {
      provide: MemoryProbe,
      useFactory: (resilience: Resilience, options: ResolvedMemoryOptions, journal: Journal | undefined) =>
        new MemoryProbe(resilience, options, journal),
      inject: [Resilience, RESOLVED_MEMORY_OPTIONS, JOURNAL],
    },
  ],
  exports: [
    CallsUnderWay,
    RESOLVED_MEMORY_OPTIONS,
    RedisConnection,
    Serialization,
    JOURNAL,
    ROOT_MEMORY,
    Memories,
    MemoryProbe,
  ],
})
export class MemoryCoreModule extends ConfigurableModuleClass implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(RedisConnection) private readonly connection: RedisConnection,
    @Inject(Resilience) private readonly resilience: Resilience,
    @Inject(JOURNAL) private readonly journal: Journal | undefined,
    @Inject(CallsUnderWay) private readonly calls: CallsUnderWay,
  ) {
    super()
  }

  /** Returns at once unless `connectOnBoot` is 'required'. */
  async onModuleInit(): Promise<void> {
    try {
      await this.journal?.open()
      await this.connection.open()
    } catch (error) {
      // An application that does not start is not shut down either.
      await this.connection.close()
      await this.journal?.close()
      throw error
    }
  }

  async onApplicationShutdown(): Promise<void> {
    // Clients that are gone leave turns to be kept, after the server has closed.
    await this.calls.ended()
    await this.resilience.close()
    await this.connection.close()
    // What was still under way has failed by now, and may go into the journal.
    await this.resilience.end()
    await this.journal?.close()
  }
}
