/**
 * What `forRoot` and `forRootAsync` take beside the options: it concerns the module, not the memory.
 *
 * @publicApi
 */
export interface MemoryModuleExtras {
  /**
   * Whether MemoryService can be injected everywhere. When false, a module that injects it imports MemoryModule.
   *
   * @default false
   */
  readonly isGlobal?: boolean | undefined
}
