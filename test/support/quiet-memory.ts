import 'reflect-metadata'
import type { INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService, type MemoryModuleOptions } from 'nestjs-agent-memory'

/** A Nest application with nothing but the module, as one process of many. It logs nothing: what it says is part of the test. */
export interface QuietMemory extends AsyncDisposable {
  readonly app: INestApplicationContext
  readonly memory: MemoryService
}

export const openQuietMemory = async (options: MemoryModuleOptions): Promise<QuietMemory> => {
  const app = await NestFactory.createApplicationContext(MemoryModule.forRoot(options), {
    logger: false,
    abortOnError: false,
  })
  return { app, memory: app.get(MemoryService), [Symbol.asyncDispose]: () => app.close() }
}
