import { Logger } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { useMemoryBody } from 'nestjs-agent-memory'
import { AppModule } from './app.module.js'

const bootstrap = async (): Promise<void> => {
  const app = await NestFactory.create(AppModule)
  // Clients may send exact values, as application/vnd.agent-memory+json.
  useMemoryBody(app)
  // SIGTERM and SIGINT close the HTTP server first and the connection to Redis after it.
  app.enableShutdownHooks()
  await app.listen(process.env.PORT ?? 3000, process.env.HOST ?? '127.0.0.1')
  Logger.log(`Support agent listening on ${await app.getUrl()}`, 'Bootstrap')
}

void bootstrap()
