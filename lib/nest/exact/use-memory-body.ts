import type { INestApplication } from '@nestjs/common'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import { valueKind } from '../../errors/value-kind.js'
import type { Size } from '../../options/units.interface.js'
import { parseSize } from '../../options/size.js'
import { ExactBody } from './exact-body.js'
import { isExact, MEMORY_MEDIA_TYPE } from './media-type.js'

/** @publicApi */
export interface MemoryBodyOptions {
  /** The longest body that is taken; a longer one is answered by 413. @default '1mb' */
  readonly limit?: Size
}

interface ExpressAdapter {
  useBodyParser(type: 'raw', rawBody: boolean, options: { type: string; limit: number }): unknown
}

interface ExpressRequest {
  readonly headers: Readonly<Record<string, unknown>>
  body?: unknown
}

interface FastifyInstance {
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parse: (request: unknown, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown
}

const limitOf = (limit: Size): number => {
  const parsed = parseSize(limit)
  if ('bytes' in parsed) return parsed.bytes
  throw new MemoryConfigError({ path: 'useMemoryBody.limit', given: valueKind(limit), allowed: parsed.problem })
}

const onExpress = (app: INestApplication, limit: number): void => {
  const adapter = app.getHttpAdapter() as unknown as ExpressAdapter
  adapter.useBodyParser('raw', false, { type: MEMORY_MEDIA_TYPE, limit })
  app.use((request: ExpressRequest, _response: unknown, next: () => void) => {
    if (Buffer.isBuffer(request.body) && isExact(request.headers['content-type'])) {
      request.body = new ExactBody(request.body)
    }
    next()
  })
}

const onFastify = (app: INestApplication, limit: number): void => {
  const instance = app.getHttpAdapter().getInstance() as FastifyInstance
  instance.addContentTypeParser(MEMORY_MEDIA_TYPE, { parseAs: 'buffer', bodyLimit: limit }, (_request, body, done) =>
    done(null, new ExactBody(body)),
  )
}

/**
 * Lets bodies under `application/vnd.agent-memory+json` in, for MemoryBodyPipe to read; other bodies are parsed as before.
 * Once per application, before `app.init()` or `app.listen()`.
 *
 * @throws MemoryConfigError for a limit that is no size, and on a platform that is neither Express nor Fastify
 * @publicApi
 */
export function useMemoryBody(app: INestApplication, { limit = '1mb' }: MemoryBodyOptions = {}): void {
  const bytes = limitOf(limit)
  const platform = app.getHttpAdapter().getType()
  if (platform === 'express') onExpress(app, bytes)
  else if (platform === 'fastify') onFastify(app, bytes)
  else {
    throw new MemoryConfigError({
      path: 'useMemoryBody',
      given: `an application on ${platform}`,
      allowed: 'one on @nestjs/platform-express or @nestjs/platform-fastify',
    })
  }
}
