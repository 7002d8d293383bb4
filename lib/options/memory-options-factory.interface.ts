import type { MemoryModuleOptions } from './memory-options.interface.js'

/**
 * What a class does that `MemoryModule.forRootAsync` takes as `useClass` or `useExisting`.
 *
 * @publicApi
 */
export interface MemoryOptionsFactory {
  createMemoryOptions(): MemoryModuleOptions | Promise<MemoryModuleOptions>
}
