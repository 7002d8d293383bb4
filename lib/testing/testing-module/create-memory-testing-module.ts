import type { INestApplication, INestApplicationContext } from '@nestjs/common'
import type { TestingModule } from '@nestjs/testing'
import { MemoryService } from '../../memory.service.js'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import { RealRedis } from '../real-redis/real-redis.js'
import { registerAfterAll } from '../runner/register-after-all.js'
import { compileWithRedis } from './compile-with-redis.js'
import { listen } from './listen.js'
import type { MemoryTestingModule, MemoryTestingModuleOptions } from './memory-testing-module.interface.js'
import { resolveTestNamespace } from './test-namespace.js'
import { removeNamespace } from './remove-namespace.js'

const createHttpApplication = (module: TestingModule): INestApplication => module.createNestApplication()

/**
 * Boots an application as it is, with its memory on `redis` in a namespace of its own. It is closed, and its keys
 * are removed, when `redis` stops, or after the tests of the file if it was created while they were collected.
 *
 * @throws Error when no MemoryModule is among the imports, or the application does not start; nothing stays open then
 *
 * @publicApi
 */
export function createMemoryTestingModule(options: MemoryTestingModuleOptions): Promise<MemoryTestingModule>
export function createMemoryTestingModule<App extends INestApplicationContext>(
  options: MemoryTestingModuleOptions<App> & Required<Pick<MemoryTestingModuleOptions<App>, 'createApplication'>>,
): Promise<MemoryTestingModule<App>>
export async function createMemoryTestingModule(
  options: MemoryTestingModuleOptions<INestApplicationContext>,
): Promise<MemoryTestingModule<INestApplicationContext>> {
  const { redis, through = redis, cleanUp = true, createApplication = createHttpApplication } = options
  const tls = redis instanceof RealRedis ? redis.tls : undefined
  const reached: ConnectionOptions = 'connection' in through ? through.connection : { url: through.url }
  // A proxy hands on what it does not understand.
  const connection: ConnectionOptions = tls === undefined ? reached : { ...(reached as { readonly url: string }), tls }
  const namespace = resolveTestNamespace(options.namespace)

  let opened: INestApplicationContext | undefined
  let closing: Promise<void> | undefined
  const closeOnce = async (): Promise<void> => {
    try {
      await opened?.close()
    } finally {
      if (cleanUp && opened !== undefined) await removeNamespace(redis, namespace)
      forget()
    }
  }
  const close = (): Promise<void> => (closing ??= closeOnce())
  const forget = redis.beforeStop(close)
  // Before the first await: the only moment at which a runner that is collecting still takes hooks.
  registerAfterAll(close)

  try {
    const module = await compileWithRedis(options, connection, namespace)
    opened = module
    const app = createApplication(module)
    opened = app
    await app.init()
    const url = options.listen === true ? await listen(app) : undefined
    return {
      app,
      module,
      memory: app.get(MemoryService, { strict: false }),
      namespace,
      ...(url === undefined ? {} : { url }),
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    // What went wrong first is what the caller needs to see.
    await close().catch(() => undefined)
    throw error
  }
}
