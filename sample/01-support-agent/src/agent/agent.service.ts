import { Injectable } from '@nestjs/common'
import { MemoryConflictError, type AgentSession, type AppendResult, type Message } from 'nestjs-agent-memory'
import { ModelError } from '../model/model.error.js'
import { LanguageModel } from '../model/language-model.js'
import { extractSlots } from '../slots/extract-slots.js'
import type { AgentMetadata } from './agent-metadata.interface.js'
import type { AgentState } from './agent-state.interface.js'
import type { Turn, TurnEvent } from './turn-event.js'

type Session = AgentSession<AgentState, AgentMetadata>
type StoredMessage = Message<AgentMetadata>

export interface Said {
  readonly role: 'user' | 'assistant'
  readonly content: string
  readonly state?: Record<string, unknown>
  /** The same for every attempt at the same turn. */
  readonly key: string
}

/** How much of the conversation goes to the model, in tokens. */
const MAX_TOKENS = 4_000

/** How far behind a message its answer is looked for: others may write to the conversation in between. */
const REPLY_WINDOW = 50

/**
 * One turn: remember what was said and what it tells, ask the model, remember the answer.
 *
 * A turn is several writes, and an attempt may end after any of them. So each write has an operation id made from the
 * key of the turn: the next attempt with that key finds done what was done, and does the rest.
 */
@Injectable()
export class AgentService {
  constructor(private readonly model: LanguageModel) {}

  async answer(session: Session, said: Said): Promise<Turn> {
    let turn: Turn | undefined
    for await (const event of this.stream(session, said)) {
      if (event.type === 'message') turn = { message: event.message, duplicate: event.duplicate }
      if (event.type === 'reply' && turn !== undefined) {
        turn = { message: turn.message, reply: event.message, duplicate: event.duplicate }
      }
    }
    if (turn === undefined) throw new Error('A turn ended before its message was stored')
    return turn
  }

  async *stream(session: Session, said: Said, signal?: AbortSignal): AsyncGenerator<TurnEvent, void, undefined> {
    const { message, duplicate } = await this.#storeMessage(session, said)
    await this.#storeSlots(session, said, message)
    yield { type: 'message', message, duplicate }
    if (said.role === 'assistant') return

    const earlier = duplicate ? await this.#findReply(session, message) : undefined
    if (earlier !== undefined) {
      yield { type: 'reply', message: earlier, duplicate: true }
      return
    }

    const context = await session.context({ maxTokens: MAX_TOKENS })
    let text = ''
    for await (const piece of this.model.stream({ context, question: said.content, signal })) {
      text += piece
      yield { type: 'delta', text: piece }
    }
    if (text === '') throw new ModelError('The language model gave an empty answer')
    yield { type: 'reply', ...(await this.#storeReply(session, said, message, text)) }
  }

  async #storeMessage(session: Session, { role, content, key }: Said) {
    const metadata: AgentMetadata | undefined = role === 'assistant' ? { author: 'human' } : undefined
    // One operation id for both roles: a key that comes again with another role or text is refused as reused.
    return stored(await session.append({ role, content, metadata }, { operationId: `${key}:user` }))
  }

  async #storeSlots(session: Session, { role, content, state = {}, key }: Said, message: StoredMessage) {
    if (Object.keys(state).length > 0) await session.state.set(state, { operationId: `${key}:state` })
    if (role === 'assistant') return
    // Relative to the time Redis stored the message, which a second attempt gets as well: it finds the same dates.
    const found = Object.entries(extractSlots(content, message.createdAt)).filter(
      ([slot]) => !Object.hasOwn(state, slot),
    )
    // `patch` merges the dates on the server: an end date named now does not undo a start date named before.
    if (found.length > 0) await session.state.patch(Object.fromEntries(found), { operationId: `${key}:slots` })
  }

  async #storeReply(session: Session, { key }: Said, { id, seq }: StoredMessage, content: string) {
    const reply = { role: 'assistant', content, metadata: { replyTo: id } } as const
    try {
      return stored(await session.append(reply, { operationId: `${key}:assistant` }))
    } catch (error) {
      // Another attempt at this turn was faster, and a model seldom says the same twice: the first answer stands.
      const first = isReused(error) ? await this.#findReply(session, { id, seq }) : undefined
      if (first === undefined) throw error
      return { message: first, duplicate: true }
    }
  }

  async #findReply(
    session: Session,
    { id, seq }: Pick<StoredMessage, 'id' | 'seq'>,
  ): Promise<StoredMessage | undefined> {
    const { messages } = await session.messages({ after: seq, limit: REPLY_WINDOW })
    return messages.find(({ metadata }) => metadata?.replyTo === id)
  }
}

const isReused = (error: unknown): boolean => error instanceof MemoryConflictError && error.code === 'OPERATION_REUSED'

/** The one message of an append. Without `resilience.journal`, an append that is not in Redis has failed. */
const stored = (result: AppendResult<AgentMetadata>): { message: StoredMessage; duplicate: boolean } => {
  if (result.stored === 'journal') throw new Error('A turn goes on with what is stored, and cannot wait in a journal')
  const [message] = result.messages
  if (message === undefined) throw new Error('An append of one message answered with none')
  return { message, duplicate: result.duplicate }
}
