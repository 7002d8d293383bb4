import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { Cluster, Redis } from 'ioredis'
import { MemoryModule, type MemoryModuleOptions } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  FaultProxy,
  type MemoryTestingModule,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../lib/redis/keys.js'
import { poll } from './poll.js'
import { storing, type StoringMemory } from './storing-memory.js'
import { reachesAll } from './reaches-all.js'

/** A memory behind a proxy that can do to it what networks do, and a look behind both. */
export interface FaultyMemory {
  readonly memory: StoringMemory
  readonly proxy: FaultProxy
  readonly redis: Redis | Cluster
  readonly namespace: string
  readonly keyOf: (id: string) => string
}

/** For all tests of the suite; before each of them the proxy is healed and the memory has its connection. */
export const useFaultyMemory = (
  server: TestRedis,
  options: Omit<MemoryModuleOptions, 'connection'> = {},
  namespace?: string,
): FaultyMemory => {
  let proxy: FaultProxy
  let tested: MemoryTestingModule
  let client: Redis | Cluster
  beforeAll(async () => {
    proxy = await FaultProxy.before(server)
    client = server.client()
    tested = await createMemoryTestingModule({
      redis: server,
      through: proxy,
      namespace,
      imports: [MemoryModule.forRoot({ connection: proxy.connection, ...options })],
      createApplication: (module) => module.createNestApplication({ logger: false }),
    })
  })
  beforeEach(async () => {
    await proxy.restore()
    await poll(() => reachesAll(tested.memory))
  })
  afterAll(async () => {
    await proxy.restore()
    await tested.close()
    await proxy.close()
    client.disconnect()
  })
  return {
    get memory() {
      return storing(tested.memory)
    },
    get proxy() {
      return proxy
    },
    get redis() {
      return client
    },
    get namespace() {
      return tested.namespace
    },
    keyOf: (id) => sessionKey({ namespace: tested.namespace, tenant: undefined, sessionId: id }),
  }
}
