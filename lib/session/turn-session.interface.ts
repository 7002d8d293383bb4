import type { MessageInput } from '../model/message.interface.js'
import type { AgentSession, AppendResult } from './agent-session.interface.js'
import type { Claimed, ClaimOptions } from './claim/claim.interface.js'

/** How a turn is appended as a whole. */
export interface TurnTerms {
  readonly operationId: string
  readonly fence: number | undefined
  /** Whether the same call may be made again, with the same user's message: what was answered may differ then. */
  readonly isRepeatable: boolean
  /** When it may have been appended before, by performance.now(). */
  readonly since?: number | undefined
}

/** What `@RememberTurn` needs of a session beyond what applications do. */
export interface Turns<Metadata> {
  /** Of a message, in bytes: no more of an answer is held, when it comes in parts. */
  readonly maxMessageBytes: number
  /**
   * What the user said, as a copy that nobody else has: pipes and handlers may change what they are given.
   *
   * @throws MemorySerializationError, MemoryTooLargeError when it cannot be kept
   */
  ownMessage(user: MessageInput<Metadata>): MessageInput<Metadata>
  /** Whether a value would come back as it is. */
  canKeep(value: unknown): boolean
  /** Claims the turn of the user's message: see claimTurn. */
  claimTurn<Answer>(user: MessageInput<Metadata>, options: Omit<ClaimOptions, 'payload'>): Promise<Claimed<Answer>>
  /** Appends the messages of a turn, of which the first is the user's. */
  appendTurn(messages: readonly MessageInput<Metadata>[], terms: TurnTerms): Promise<AppendResult<Metadata>>
}

export type TurnSession = AgentSession & Turns<Record<string, unknown>>
