import 'reflect-metadata'
import type { INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService, type MemoryModuleOptions } from 'nestjs-agent-memory'
import { storing, type StoringMemory } from '../storing-memory.js'

/** A Nest application with nothing but the module, for a worker. */
export const openMemory = async (
  options: MemoryModuleOptions,
): Promise<{ app: INestApplicationContext; memory: StoringMemory }> => {
  const app = await NestFactory.createApplicationContext(MemoryModule.forRoot(options), { logger: ['error'] })
  return { app, memory: storing(app.get<MemoryService>(MemoryService)) }
}

/** What the test gave to this process. */
export const input = (): unknown => JSON.parse(process.argv[2] ?? '{}')
