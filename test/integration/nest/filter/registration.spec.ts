import { describe, expect, it } from '@jest/globals'
import { Module, UseFilters, type INestApplication, type ModuleMetadata } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { MemoryExceptionFilter, MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis } from 'nestjs-agent-memory/testing'
import { SessionsController } from './sessions.controller.js'

@UseFilters(MemoryExceptionFilter)
class FilteredController extends SessionsController {}

const plain: ModuleMetadata = { controllers: [SessionsController] }

interface Form {
  readonly form: string
  readonly metadata: ModuleMetadata
  readonly prepare?: (app: INestApplication) => unknown
}

const FORMS: readonly Form[] = [
  {
    form: 'APP_FILTER, useExisting',
    metadata: { ...plain, providers: [{ provide: APP_FILTER, useExisting: MemoryExceptionFilter }] },
  },
  {
    form: 'APP_FILTER, useClass',
    metadata: { ...plain, providers: [{ provide: APP_FILTER, useClass: MemoryExceptionFilter }] },
  },
  {
    form: 'useGlobalFilters, made with new',
    metadata: plain,
    prepare: (app) => app.useGlobalFilters(new MemoryExceptionFilter()),
  },
  {
    form: 'useGlobalFilters, from the container',
    metadata: plain,
    prepare: (app) => app.useGlobalFilters(app.get(MemoryExceptionFilter)),
  },
  { form: '@UseFilters', metadata: { controllers: [FilteredController] } },
]

describeWithRedis('MemoryExceptionFilter registered', (redis) => {
  describe.each(['express', 'fastify'])('on %s', (platform) => {
    it.each(FORMS)('by $form', async ({ metadata, prepare }) => {
      @Module({ imports: [MemoryModule.forRoot({ connection: redis.connection })], ...metadata })
      class AppModule {}
      await using tested = await createMemoryTestingModule({
        redis,
        imports: [AppModule],
        createApplication: (module) => {
          const app =
            platform === 'fastify'
              ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
              : module.createNestApplication(new ExpressAdapter(), { logger: false })
          prepare?.(app)
          return app
        },
        listen: true,
      })
      await tested.memory.session('owned', { userId: 'ada' }).append({ role: 'user', content: 'a' })
      const response = await fetch(`${tested.url}/sessions/owned/messages`, { headers: { 'x-user-id': 'grace' } })
      expect(response.status).toBe(404)
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(await response.json()).toMatchObject({ code: 'SESSION_NOT_FOUND' })
    })
  })
})
