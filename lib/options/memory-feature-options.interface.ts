import type { MemoryModuleOptions } from './memory-options.interface.js'

/**
 * What a named memory may have of its own. What is left out, also within a section, is as in `forRoot`; connection,
 * resilience and durability are always the same.
 *
 * @publicApi
 */
export interface MemoryFeatureOptions extends Pick<
  MemoryModuleOptions,
  'session' | 'summary' | 'state' | 'tokenCounter' | 'serialization'
> {
  /**
   * The first part of its keys; no other memory of the application may have the same.
   *
   * @default `<namespace of forRoot>.<name>`
   */
  readonly namespace?: string | undefined
}
