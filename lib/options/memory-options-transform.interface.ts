import type { MemoryModuleOptions } from './memory-options.interface.js'

/**
 * Changes the options of forRoot before they are checked, and the namespaces of named memories; returns new ones and leaves
 * the given ones as they are.
 *
 * @param name of a named memory, of whose options the namespace alone may be changed; `undefined` for the one of forRoot
 */
export type MemoryOptionsTransform = (options: MemoryModuleOptions, name?: string) => MemoryModuleOptions
