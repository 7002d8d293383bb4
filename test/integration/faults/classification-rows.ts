import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { Test } from '@nestjs/testing'
import { MemoryModule, MemoryService, type ConnectionOptions, type MemoryError } from 'nestjs-agent-memory'
import type { RealRedis } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'

/** Stands in the content of each message: in no error, whatever is printed of it. */
export const MARKER = 'the-user-said-so'

export const DEADLINE = 500
const SESSION = 'classified'

const opened: { close(): Promise<unknown> }[] = []

/** Closes what the tests of a file have opened, the last one first. */
export const closeAll = async (): Promise<void> => {
  for (const one of opened.splice(0).toReversed()) await one.close()
}

export const onClose = (close: () => Promise<unknown>): void => void opened.push({ close })

export interface Classified {
  readonly key: string
  /** One message, always under the same operation. */
  readonly append: () => Promise<{ readonly duplicate: boolean }>
  readonly read: () => Promise<number>
}

/** A memory of its own on a server, without a call made yet: it connects with the first one. */
export const classified = async (
  connection: ConnectionOptions,
  content = MARKER,
  namespace = `classified-${randomUUID()}`,
): Promise<Classified & { readonly namespace: string }> => {
  const module = await Test.createTestingModule({
    imports: [
      MemoryModule.forRoot({
        connection,
        namespace,
        session: { maxMessageBytes: '8mb' },
        resilience: { deadline: DEADLINE, retry: { attempts: 1, minDelay: 1, maxDelay: 1 } },
      }),
    ],
  }).compile()
  module.useLogger(false)
  opened.push(module)
  const session = module.get(MemoryService).session(SESSION)
  return {
    namespace,
    key: sessionKey({ namespace, tenant: undefined, sessionId: SESSION }),
    append: async () => {
      const result = await session.append({ role: 'user', content }, { operationId: 'the-operation' })
      return { duplicate: 'duplicate' in result && result.duplicate }
    },
    read: async () => (await session.messages()).messages.length,
  }
}

/** Looks at what the server has in the end: another memory repeats the write under the same operation. */
export const repeated = async (
  redis: RealRedis,
  { namespace }: { readonly namespace: string },
): Promise<{ readonly duplicate: boolean; readonly messages: number }> => {
  const memory = await classified({ url: redis.url }, MARKER, namespace)
  const { duplicate } = await memory.append()
  return { duplicate, messages: await memory.read() }
}

export const errorOf = (call: Promise<unknown>): Promise<MemoryError> =>
  call.then(
    () => {
      throw new Error('the call succeeded')
    },
    (error: MemoryError) => error,
  )

/** Everything that a logger could print of an error and of what caused it. */
export const printed = (error: unknown): string => {
  const chain: unknown[] = []
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) {
    chain.push(inspect(each, { depth: 10, showHidden: true }), each.stack, JSON.stringify(each), String(each))
    chain.push(JSON.stringify(Object.getOwnPropertyDescriptors(each)))
  }
  return chain.join('\n')
}
