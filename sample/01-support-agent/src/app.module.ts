import { Module } from '@nestjs/common'
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core'
import { Decimal } from 'decimal.js'
import {
  MemoryBodyPipe,
  MemoryExceptionFilter,
  MemoryModule,
  MemorySerializationInterceptor,
  MemoryValidationPipe,
  Serialization,
} from 'nestjs-agent-memory'
import { AgentModule } from './agent/agent.module.js'
import { HealthModule } from './health/health.module.js'
import { Money } from './values/money.js'

@Module({
  imports: [
    MemoryModule.forRootAsync({
      // MemoryService can be injected everywhere, without importing this module again.
      isGlobal: true,
      useFactory: () => ({
        connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
        namespace: 'support-agent',
        session: {
          // A customer may come back within a month; no conversation is kept longer than a quarter.
          ttl: '30d',
          maxAge: '90d',
          // Far more than a customer types. What is larger is refused with a 413.
          maxMessageBytes: '64kb',
        },
        // Classes whose instances may stand in the state of a conversation, beside Dates, Maps and all that is built in.
        serialization: { types: [Decimal, Money] },
      }),
    }),
    AgentModule,
    HealthModule,
  ],
  // As providers rather than in main.ts, so that tests that import AppModule get them as well.
  providers: [
    { provide: APP_PIPE, useExisting: MemoryBodyPipe },
    {
      provide: APP_PIPE,
      inject: [Serialization],
      useFactory: (serialization: Serialization) =>
        new MemoryValidationPipe(serialization, { transform: true, whitelist: true, forbidNonWhitelisted: true }),
    },
    { provide: APP_INTERCEPTOR, useExisting: MemorySerializationInterceptor },
    { provide: APP_FILTER, useExisting: MemoryExceptionFilter },
  ],
})
export class AppModule {}
