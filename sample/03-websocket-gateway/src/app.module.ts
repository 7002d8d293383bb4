import { Module } from '@nestjs/common'
import { MemoryModule } from 'nestjs-agent-memory'
import { ChatGateway } from './chat.gateway.js'
import { Model } from './model.js'

@Module({
  imports: [
    MemoryModule.forRoot({
      connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
      namespace: 'websocket-gateway',
    }),
  ],
  providers: [ChatGateway, Model],
})
export class AppModule {}
