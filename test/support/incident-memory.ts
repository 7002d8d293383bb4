import type { Redis } from 'ioredis'
import { MemoryModule, type Duration, type MessageInput } from 'nestjs-agent-memory'
import { createMemoryTestingModule, type RealRedis } from 'nestjs-agent-memory/testing'
import { ThinWrapper } from './thin-wrapper.js'

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
  /** What a worker process needs to open the same memory. */
  readonly worker: { readonly kind: 'ours' | 'thin'; readonly url: string; readonly namespace: string }
  close(): Promise<void>
}

export type OpenIncidentMemory = (redis: RealRedis, client: Redis, ttlSeconds: number) => Promise<IncidentMemory>

export const openOurs: OpenIncidentMemory = async (redis, client, ttlSeconds) => {
  const options = { connection: { url: redis.url }, session: { ttl: `${ttlSeconds}s` as Duration } }
  const tested = await createMemoryTestingModule({
    redis,
    imports: [MemoryModule.forRoot(options)],
  })
  const { memory, namespace } = tested
  const keyOf = (id: string): string => `am:{${namespace}:~:s:${id}}`
  return {
    append: (id, message, operationId) => memory.session(id).append(message, { operationId }),
    messages: async (id) => (await memory.session(id).messages()).messages,
    setState: (id, values) => memory.session(id).state.set(values),
    state: async (id) => (await memory.session(id).state.get()).values,
    keys: () => client.keys(`am:{${namespace}:*`),
    breakMessage: async (id, index) => void (await client.hset(keyOf(id), `m:${index + 1}`, '{"role":"us')),
    worker: { kind: 'ours', url: redis.url, namespace },
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
    keys: () => client.keys(`${namespace}:*`),
    breakMessage: async (id, index) => void (await client.lset(`${namespace}:${id}:messages`, index, '{"role":"us')),
    worker: { kind: 'thin', url: redis.url, namespace },
    close: async () => void (await Promise.all((await client.keys(`${namespace}:*`)).map((key) => client.del(key)))),
  }
}
