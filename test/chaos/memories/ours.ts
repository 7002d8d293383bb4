import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { MemoryError, MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { entryOf, type ChaosMemory } from './chaos-memory.interface.js'

type State = Record<string, { readonly token: string }>

export const OUR_NAMESPACE = 'chaos'
export const OUR_DEADLINE_MS = 1_000

/** A Nest application with our module, as one process of many. */
export const openOurs = async (url: string): Promise<ChaosMemory> => {
  const options = {
    connection: { url },
    namespace: OUR_NAMESPACE,
    // Nothing may be trimmed: what was acknowledged has to be there in the end.
    session: { maxMessages: 1_000_000, maxBytes: '512mb' },
    resilience: { deadline: OUR_DEADLINE_MS },
  } as const
  const app = await NestFactory.createApplicationContext(MemoryModule.forRoot(options), { logger: false })
  const memory = app.get<MemoryService<State>>(MemoryService)
  return {
    append: (session, id, content) => memory.session(session).append({ role: 'user', content }, { operationId: id }),
    assign: (session, field, token, how) =>
      memory.session(session).state[how]({ [field]: { token } }, { operationId: `${field}-${token}` }),
    read: async (session, of) => {
      const { messages, stale } = await memory.session(session).messages(of === 'newest' ? { last: 20 } : {})
      return { stale, entries: messages.map(({ content }) => entryOf(content)) }
    },
    readFields: async (session) => {
      const { values, stale } = await memory.session(session).state.get()
      const fields = Object.entries(values).map(([field, value]) => [field, value?.token] as const)
      return { stale, fields: Object.fromEntries(fields) }
    },
    repeats: (error) => error instanceof MemoryError && error.retryable,
    close: () => app.close(),
  }
}
