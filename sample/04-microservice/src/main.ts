import { Logger } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { MicroserviceOptions } from '@nestjs/microservices'
import { AppModule } from './app.module.js'
import { transport } from './transport.js'

const bootstrap = async (): Promise<void> => {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, transport)
  app.enableShutdownHooks()
  await app.listen()
  const { host, port } = transport.options
  Logger.log(`Agent service listening on tcp://${host}:${port}`, 'Bootstrap')
}

void bootstrap()
