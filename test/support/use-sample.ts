import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { INestApplicationContext } from '@nestjs/common'
import type { Message, MemoryService } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  FaultProxy,
  type MemoryTestingModule,
  type MemoryTestingModuleOptions,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { poll } from './poll.js'
import { reachesAll } from './reaches-all.js'

/** A sample that runs, on a Redis behind a proxy. */
export interface SampleUnderTest<App> {
  readonly app: App
  readonly memory: MemoryService
  readonly proxy: FaultProxy
  /** With `listen: true`. */
  readonly url: string
  /** What is in Redis of the session. */
  readonly stored: (id: string) => Promise<Pick<Message, 'role' | 'content' | 'metadata'>[]>
}

type SampleOptions<App extends INestApplicationContext> = Required<
  Pick<MemoryTestingModuleOptions<App>, 'createApplication'>
> &
  Pick<MemoryTestingModuleOptions<App>, 'imports' | 'listen'>

/** For all tests of the suite; before each of them the proxy is healed and the memory has its connection. */
export const useSample = <App extends INestApplicationContext>(
  redis: TestRedis,
  options: SampleOptions<App>,
): SampleUnderTest<App> => {
  let proxy: FaultProxy
  let tested: MemoryTestingModule<App>
  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
    tested = await createMemoryTestingModule<App>({ redis, through: proxy, ...options })
  })
  beforeEach(async () => {
    await proxy.restore()
    await poll(() => reachesAll(tested.memory))
  })
  afterAll(async () => {
    await proxy.restore()
    await tested.close()
    await proxy.close()
  })
  return {
    get app() {
      return tested.app
    },
    get memory() {
      return tested.memory
    },
    get proxy() {
      return proxy
    },
    get url() {
      return tested.url ?? ''
    },
    stored: async (id) =>
      (await tested.memory.session(id).messages()).messages.map(({ role, content, metadata }) => ({
        role,
        content,
        ...(metadata && { metadata }),
      })),
  }
}
