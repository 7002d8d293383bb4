import type { MemoryModuleOptions } from './memory-options.interface.js'

/** Changes the application's options before they are checked; returns new ones and leaves the given ones as they are. */
export type MemoryOptionsTransform = (options: MemoryModuleOptions) => MemoryModuleOptions
