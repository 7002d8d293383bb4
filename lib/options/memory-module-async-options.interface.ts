import type { ConfigurableModuleAsyncOptions } from '@nestjs/common'
import type { MemoryModuleExtras } from './memory-module-extras.interface.js'
import type { MemoryModuleOptions } from './memory-options.interface.js'

/**
 * The options of `MemoryModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`.
 *
 * @publicApi
 */
export interface MemoryModuleAsyncOptions
  extends ConfigurableModuleAsyncOptions<MemoryModuleOptions, 'createMemoryOptions'>, MemoryModuleExtras {}
