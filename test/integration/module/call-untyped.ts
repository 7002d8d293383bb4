import type { DynamicModule } from '@nestjs/common'
import { MemoryModule } from 'nestjs-agent-memory'

/** Registers the module as an application in JavaScript can: with anything. */
export const callUntyped = (method: 'forRoot' | 'forRootAsync', options: unknown): DynamicModule =>
  Reflect.apply(Reflect.get(MemoryModule, method), MemoryModule, [options])
