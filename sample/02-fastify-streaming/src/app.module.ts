import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { MemoryExceptionFilter, MemoryModule } from 'nestjs-agent-memory'
import { ChatController } from './chat.controller.js'
import { Model } from './model.js'

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
      namespace: 'fastify-streaming',
    }),
  ],
  controllers: [ChatController],
  providers: [Model, { provide: APP_FILTER, useExisting: MemoryExceptionFilter }],
})
export class AppModule {}
