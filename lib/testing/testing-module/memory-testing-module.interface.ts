import type { INestApplication, INestApplicationContext, ModuleMetadata } from '@nestjs/common'
import type { TestingModule, TestingModuleBuilder } from '@nestjs/testing'
import type { MemoryService } from '../../memory.service.js'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import type { ReachableRedis } from '../topology/reachable-redis.interface.js'

/** @publicApi */
export interface MemoryTestingModuleOptions<App extends INestApplicationContext = INestApplication> extends Pick<
  ModuleMetadata,
  'imports' | 'providers' | 'controllers'
> {
  /**
   * Takes the place of the application's own connection: what `describeWithRedis` hands out, a RealRedis, a RealRedisCluster
   * or a RealRedisSentinel, that is started.
   */
  readonly redis: ReachableRedis
  /**
   * What stands between the application and `redis`: a FaultProxy before it, or the URL of a user of its own. Only the
   * application goes this way; what cleans up after it goes straight.
   */
  readonly through?: { readonly url: string } | { readonly connection: ConnectionOptions }
  /** The application's own modules, as `[AppModule]`; one of them imports `MemoryModule`. */
  readonly imports: NonNullable<ModuleMetadata['imports']>
  /**
   * Takes the place of the application's own namespace. 1 to 64 characters of `[A-Za-z0-9_-]`.
   *
   * @default a new one for each call, so that tests that run side by side share a server
   */
  readonly namespace?: string
  /**
   * Whether `close()` removes the keys of the namespace. False for an application that is started again on what the
   * first one left.
   *
   * @default true
   */
  readonly cleanUp?: boolean
  /** Further replacements: `(builder) => builder.overrideProvider(LanguageModel).useValue(fake)`. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder
  /**
   * Makes the application: global pipes and filters go here; `(module) => module` is one without HTTP.
   *
   * @default (module) => module.createNestApplication(), which needs `@nestjs/platform-express`
   */
  readonly createApplication?: (module: TestingModule) => App
  /**
   * Listens on a free port of 127.0.0.1; the result's `url` says where.
   *
   * @default false
   */
  readonly listen?: boolean
}

/** @publicApi */
export interface MemoryTestingModule<App extends INestApplicationContext = INestApplication> extends AsyncDisposable {
  /** Initialised. */
  readonly app: App
  readonly module: TestingModule
  readonly memory: MemoryService
  readonly namespace: string
  /** With `listen: true`, as `http://127.0.0.1:40123`. */
  readonly url?: string
  /**
   * Closes the application and removes the keys of its namespace, and no others. May be called again, and is called
   * when `redis` stops.
   */
  close(): Promise<void>
}
