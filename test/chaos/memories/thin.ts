import { Redis } from 'ioredis'
import { entryOf, type ChaosMemory } from './chaos-memory.interface.js'

interface Conversation {
  readonly messages: string[]
  readonly state: Record<string, string>
}

const TTL_SECONDS = 3_600
const TIMEOUT_MS = 1_000
const ATTEMPTS = 10
const NEWEST = 20

/**
 * Agent memory as it is often written, with a client that reports what fails: the whole conversation as JSON under one key, read, changed
 * and written back; what fails is done again. It is the control: the run has to find what is wrong with it.
 */
export const openThin = (url: string): Promise<ChaosMemory> => {
  const redis = new Redis(url, { commandTimeout: TIMEOUT_MS, maxRetriesPerRequest: 0, disconnectTimeout: 100 })
  redis.on('error', () => undefined)
  const load = async (session: string): Promise<Conversation> => {
    const text = await redis.get(`thin:${session}`)
    return text === null ? { messages: [], state: {} } : (JSON.parse(text) as Conversation)
  }
  const save = (session: string, conversation: Conversation): Promise<unknown> =>
    redis.setex(`thin:${session}`, TTL_SECONDS, JSON.stringify(conversation))
  return Promise.resolve({
    append: async (session, _id, content) => {
      const { messages, state } = await load(session)
      return save(session, { messages: [...messages, content], state })
    },
    assign: async (session, field, value) => {
      const { messages, state } = await load(session)
      return save(session, { messages, state: { ...state, [field]: value } })
    },
    read: async (session, of) => {
      const { messages } = await load(session)
      return { stale: false, entries: (of === 'all' ? messages : messages.slice(-NEWEST)).map(entryOf) }
    },
    readFields: async (session) => ({ stale: false, fields: (await load(session)).state }),
    repeats: (_error, attempts) => attempts < ATTEMPTS,
    close: () => Promise.resolve(redis.disconnect()),
  })
}
