import { afterAll, beforeAll } from '@jest/globals'
import type { Cluster, Redis } from 'ioredis'
import { MemoryModule, type AgentSession, type MemoryModuleOptions, type SessionOwner } from 'nestjs-agent-memory'
import { createMemoryTestingModule, type MemoryTestingModule, type TestRedis } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../lib/redis/keys.js'
import { storing, type StoringMemory, type StoringSession } from './storing-memory.js'

/** A memory for the tests of a suite, and a look behind it. */
export interface MemoryUnderTest {
  readonly memory: StoringMemory
  readonly namespace: string
  /** A plain client, to look at what stands in Redis. */
  readonly redis: Redis | Cluster
  /** A session under an id of its own. */
  readonly newSession: (owner?: SessionOwner) => StoringSession
  readonly keyOf: (session: Pick<AgentSession, 'id' | 'tenant'>) => string
}

/** Boots a Nest application with nothing but the module, for all tests of the suite. */
export const useMemory = (
  redis: TestRedis,
  options: Omit<MemoryModuleOptions, 'connection'> = {},
  namespace?: string,
): MemoryUnderTest => {
  let tested: MemoryTestingModule
  let client: Redis | Cluster
  let sessions = 0
  beforeAll(async () => {
    client = redis.client()
    const imports = [MemoryModule.forRoot({ connection: redis.connection, ...options })]
    tested = await createMemoryTestingModule({
      redis,
      imports,
      namespace,
      createApplication: (module) => module.createNestApplication({ logger: false }),
    })
  })
  afterAll(async () => {
    await tested.close()
    client.disconnect()
  })
  const memory = (): StoringMemory => storing(tested.memory)
  return {
    get memory() {
      return memory()
    },
    get namespace() {
      return tested.namespace
    },
    get redis() {
      return client
    },
    newSession: (owner) => memory().session(`session-${++sessions}`, owner),
    keyOf: ({ id, tenant }) => sessionKey({ namespace: tested.namespace, tenant, sessionId: id }),
  }
}
