import { Logger } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WsAdapter } from '@nestjs/platform-ws'
import { AppModule } from './app.module.js'

const bootstrap = async (): Promise<void> => {
  const app = await NestFactory.create(AppModule)
  app.useWebSocketAdapter(new WsAdapter(app))
  app.enableShutdownHooks()
  await app.listen(process.env.PORT ?? 3000, process.env.HOST ?? '127.0.0.1')
  Logger.log(`WebSocket agent listening on ${(await app.getUrl()).replace(/^http/u, 'ws')}`, 'Bootstrap')
}

void bootstrap()
