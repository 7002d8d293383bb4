import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { MemoryExceptionFilter, MemoryModule } from 'nestjs-agent-memory'
import { Desk } from './desk.js'
import { DeskController } from './desk.controller.js'

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
      namespace: 'multi-agent',
    }),
    MemoryModule.forFeature('reception'),
    MemoryModule.forFeature('travel'),
    // What has to do with money is kept for longer than what was said.
    MemoryModule.forFeature('billing', { session: { ttl: '90d' } }),
  ],
  controllers: [DeskController],
  providers: [Desk, { provide: APP_FILTER, useExisting: MemoryExceptionFilter }],
})
export class AppModule {}
