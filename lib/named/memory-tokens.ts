import { Inject, type InjectionToken } from '@nestjs/common'
import { RESOLVED_MEMORY_OPTIONS } from '../memory.constants.js'
import { MemoryService } from '../memory.service.js'

/**
 * What injects a memory by its name; without a name the one of `forRoot`.
 *
 * @publicApi
 */
export const getMemoryToken = (name?: string): InjectionToken<MemoryService> =>
  name === undefined ? MemoryService : `nestjs-agent-memory:memory:${name}`

/**
 * What injects the options of a memory as they were resolved: defaults filled in, durations in milliseconds, sizes in bytes.
 *
 * @publicApi
 */
export const getMemoryOptionsToken = (name?: string): InjectionToken =>
  name === undefined ? RESOLVED_MEMORY_OPTIONS : `nestjs-agent-memory:options:${name}`

/**
 * Injects a memory by its name, in a module that imports `MemoryModule.forFeature(name)`; without a name the one of `forRoot`.
 *
 *     constructor(@InjectMemory('billing') private readonly billing: MemoryService) {}
 *
 * @publicApi
 */
export const InjectMemory = (name?: string): ParameterDecorator & PropertyDecorator => Inject(getMemoryToken(name))
