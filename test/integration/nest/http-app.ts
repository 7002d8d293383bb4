import type { INestApplication, ModuleMetadata } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { SerializationModule } from './serialization.module.js'

export type Platform = 'express' | 'fastify'

export interface HttpApp {
  readonly app: INestApplication
  readonly url: string
}

/** An application that listens on a free port. */
export async function startHttpApp(
  platform: Platform,
  { imports = [], ...metadata }: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => undefined,
): Promise<HttpApp> {
  const module = await Test.createTestingModule({ ...metadata, imports: [SerializationModule, ...imports] }).compile()
  const app =
    platform === 'fastify'
      ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
      : module.createNestApplication(new ExpressAdapter(), { logger: false })
  prepare(app)
  await app.listen(0, '127.0.0.1')
  return { app, url: await app.getUrl() }
}
