import { isDeepStrictEqual } from 'node:util'
import {
  MemoryError,
  MemoryLostError,
  type AgentSession,
  type LossReason,
  type MemoryService,
} from 'nestjs-agent-memory'

/** What Redis acknowledged of a session, as its application remembers it. */
export class KnownSession {
  /** In their order. */
  readonly messages: string[] = []
  readonly fields: Record<string, unknown> = {}

  constructor(readonly id: string) {}

  in(memory: MemoryService): AgentSession {
    return memory.session(this.id)
  }

  async append(memory: MemoryService, content: string, operationId?: string): Promise<void> {
    await this.in(memory).append({ role: 'user', content }, { operationId })
    this.messages.push(content)
  }

  async set(memory: MemoryService, field: string, value: unknown): Promise<void> {
    await this.in(memory).state.set({ [field]: value })
    this.fields[field] = value
  }
}

/** What a read said. `silent` must not be: empty, a part, or something else, and no word of it. */
export type Told =
  | { readonly kind: 'complete' }
  | { readonly kind: 'lost'; readonly reason: LossReason }
  | { readonly kind: 'silent' | 'failed'; readonly detail: string }

type Read = (session: AgentSession, known: KnownSession) => Promise<string | undefined>

const differs = (what: string, found: unknown, acknowledged: unknown): string | undefined =>
  isDeepStrictEqual(found, acknowledged) ? undefined : `${what} that are not those acknowledged`

/** Each answers what is wrong with the answer. */
const READS: Readonly<Record<string, Read>> = {
  messages: async (session, known) => {
    const { messages, stale } = await session.messages()
    if (stale) return 'it is stale'
    return differs(
      'messages',
      messages.map(({ content }) => content),
      known.messages,
    )
  },
  context: async (session, known) => {
    const { messages, state, stale } = await session.context()
    if (stale) return 'it is stale'
    return differs(
      'messages or values',
      [messages.map(({ content }) => content), { ...state }],
      [known.messages, known.fields],
    )
  },
  state: async (session, known) => {
    const { values, stale } = await session.state.get()
    return stale ? 'it is stale' : differs('values', { ...values }, known.fields)
  },
  info: async (session, known) => {
    const info = await session.info()
    return info.exists ? differs('messages', info.count, known.messages.length) : 'there is no such session'
  },
}

const tell = async (session: AgentSession, known: KnownSession, name: string): Promise<Told> => {
  try {
    const detail = await READS[name]!(session, known)
    return detail === undefined ? { kind: 'complete' } : { kind: 'silent', detail: `${known.id} ${name}: ${detail}` }
  } catch (error) {
    if (error instanceof MemoryLostError) return { kind: 'lost', reason: error.reason }
    const what = error instanceof MemoryError ? `${error.code}/${error.executed}` : String(error)
    return { kind: 'failed', detail: `${known.id} ${name}: ${what}` }
  }
}

/** All ways to read a session, one after the other. Each of them has to be told of a loss. */
export const readEveryWay = async (memory: MemoryService, known: KnownSession): Promise<Told[]> => {
  const told: Told[] = []
  for (const name of Object.keys(READS)) told.push(await tell(known.in(memory), known, name))
  return told
}
