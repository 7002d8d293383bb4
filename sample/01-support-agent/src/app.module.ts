import { Module, ValidationPipe } from '@nestjs/common'
import { APP_FILTER, APP_PIPE } from '@nestjs/core'
import { MemoryModule } from 'nestjs-agent-memory'
import { AgentModule } from './agent/agent.module.js'
import { MemoryErrorFilter } from './errors/memory-error.filter.js'
import { HealthModule } from './health/health.module.js'

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
      }),
    }),
    AgentModule,
    HealthModule,
  ],
  // As providers rather than in main.ts, so that tests that import AppModule get them as well.
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }),
    },
    { provide: APP_FILTER, useClass: MemoryErrorFilter },
  ],
})
export class AppModule {}
