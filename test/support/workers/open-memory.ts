import 'reflect-metadata'
import type { INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService, type MemoryModuleOptions } from 'nestjs-agent-memory'

/** A Nest application with nothing but the module, for a worker. */
export const openMemory = async (
  options: MemoryModuleOptions,
): Promise<{ app: INestApplicationContext; memory: MemoryService }> => {
  const app = await NestFactory.createApplicationContext(MemoryModule.forRoot(options), { logger: ['error'] })
  return { app, memory: app.get(MemoryService) }
}

/** What the test gave to this process. */
export const input = (): unknown => JSON.parse(process.argv[2] ?? '{}')
