import type { Cluster, Redis } from 'ioredis'
import {
  MemoryModule,
  type ConnectionOptions,
  type Duration,
  type MemoryModuleOptions,
  type MessageInput,
} from 'nestjs-agent-memory'
import { createMemoryTestingModule, type TestRedis } from 'nestjs-agent-memory/testing'
import { ThinWrapper } from './thin-wrapper.js'
import { keysOf } from './on-each-master.js'
import { poll } from './poll.js'
import { reachesAll } from './reaches-all.js'

/** What the incidents need of a memory, ours or another's. */
export interface IncidentMemory {
  append(sessionId: string, message: MessageInput, operationId?: string): Promise<unknown>
  messages(
    sessionId: string,
  ): Promise<readonly { readonly role: string; readonly content: unknown; readonly metadata?: object }[]>
  setState(sessionId: string, values: Record<string, unknown>): Promise<unknown>
  state(sessionId: string): Promise<Record<string, unknown>>
  /** The keys under which it keeps its data. */
  keys(): Promise<string[]>
  /** Breaks the stored record of a message, the first being 0. */
  breakMessage(sessionId: string, index: number): Promise<void>
  /** Breaks what is stored of a field of the state. */
  breakState(sessionId: string, field: string): Promise<void>
  /** What is stored and cannot be read, as it stands; nothing where a memory does not know. */
  unreadable(sessionId: string): Promise<string[]>
  /** What a worker process needs to open the same memory. */
  readonly worker: {
    readonly kind: 'ours' | 'thin'
    readonly connection: ConnectionOptions
    readonly namespace: string
  }
  close(): Promise<void>
}

/** What an application sets to be spared an incident; a thin wrapper has no options. */
export type IncidentOptions = Pick<MemoryModuleOptions, 'serialization' | 'state'>

export type OpenIncidentMemory = (
  redis: TestRedis,
  client: Redis | Cluster,
  ttlSeconds: number,
  options?: IncidentOptions,
) => Promise<IncidentMemory>

const BROKEN = '{"role":"us'

export const openOurs: OpenIncidentMemory = async (redis, client, ttlSeconds, incidentOptions = {}) => {
  const session = { ttl: `${ttlSeconds}s` as Duration }
  const options = { connection: redis.connection, session, ...incidentOptions }
  const tested = await createMemoryTestingModule({
    redis,
    imports: [MemoryModule.forRoot(options)],
  })
  const { memory, namespace } = tested
  // That a connection is there in time is not what is asked.
  await poll(() => reachesAll(memory))
  const keyOf = (id: string): string => `am:{${namespace}:~:s:${id}}`
  return {
    append: (id, message, operationId) => memory.session(id).append(message, { operationId }),
    messages: async (id) => (await memory.session(id).messages()).messages,
    setState: (id, values) => memory.session(id).state.set(values),
    state: async (id) => (await memory.session(id).state.get()).values,
    keys: () => keysOf(redis, `am:{${namespace}:*`),
    breakMessage: async (id, index) => void (await client.hset(keyOf(id), `m:${index + 1}`, BROKEN)),
    breakState: async (id, field) => void (await client.hset(keyOf(id), `s:${field}`, BROKEN)),
    unreadable: async (id) => (await memory.session(id).quarantine()).records.map(({ record }) => record),
    worker: { kind: 'ours', connection: redis.connection, namespace },
    close: () => tested.close(),
  }
}

export const openThin: OpenIncidentMemory = async (redis, client, ttlSeconds) => {
  const namespace = `thin-${Math.random().toString(36).slice(2)}`
  const thin = new ThinWrapper(client, namespace, ttlSeconds)
  return {
    append: (id, message) => thin.append(id, message as never),
    messages: (id) => thin.messages(id),
    setState: (id, values) => thin.setState(id, values),
    state: (id) => thin.state(id),
    keys: () => keysOf(redis, `${namespace}:*`),
    breakMessage: async (id, index) => void (await client.lset(`${namespace}:${id}:messages`, index, BROKEN)),
    breakState: async (id) => void (await client.set(`${namespace}:${id}:state`, BROKEN, 'KEEPTTL')),
    unreadable: () => Promise.resolve([]),
    worker: { kind: 'thin', connection: redis.connection, namespace },
    close: async () => void (await Promise.all((await keysOf(redis, `${namespace}:*`)).map((key) => client.del(key)))),
  }
}
