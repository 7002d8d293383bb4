import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { GraphQLModule } from '@nestjs/graphql'
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius'
import { MemoryExceptionFilter, MemoryModule } from 'nestjs-agent-memory'
import { Assistant } from './assistant.js'
import { TasksResolver } from './tasks.resolver.js'

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
      namespace: 'graphql',
    }),
    GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, autoSchemaFile: true }),
  ],
  providers: [Assistant, TasksResolver, { provide: APP_FILTER, useExisting: MemoryExceptionFilter }],
})
export class AppModule {}
