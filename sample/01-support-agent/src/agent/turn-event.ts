import type { Message } from 'nestjs-agent-memory'
import type { AgentMetadata } from './agent-metadata.interface.js'

/** What happens in one turn, in this order: the message is stored, the answer is written, the answer is stored. */
export type TurnEvent =
  | { readonly type: 'message'; readonly message: Message<AgentMetadata>; readonly duplicate: boolean }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'reply'; readonly message: Message<AgentMetadata>; readonly duplicate: boolean }

/** A whole turn as one answer. */
export interface Turn {
  readonly message: Message<AgentMetadata>
  /** Absent when nobody was asked: a member of staff wrote the message. */
  readonly reply?: Message<AgentMetadata>
  /** True when the turn had been stored before and nothing was written now. */
  readonly duplicate: boolean
}
