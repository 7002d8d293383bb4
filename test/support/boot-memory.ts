import type { INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { MemoryModule, MemoryService, type MemoryModuleOptions } from 'nestjs-agent-memory'

/** A memory of an application of its own, on servers that are not those of a suite. */
export interface BootedMemory {
  readonly memory: MemoryService
  readonly application: INestApplication
}

export const bootMemory = async (options: MemoryModuleOptions): Promise<BootedMemory> => {
  const module = await Test.createTestingModule({ imports: [MemoryModule.forRoot(options)] }).compile()
  const application = module.createNestApplication({ logger: false })
  await application.init()
  return { memory: module.get(MemoryService), application }
}
