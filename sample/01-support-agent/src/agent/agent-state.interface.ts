import type { Slots } from '../slots/slots.interface.js'

/**
 * The typed state of a conversation: the slots the agent works out itself, and whatever else the caller of the API
 * knows. A date is a Date here, before and after it was in Redis.
 */
export interface AgentState extends Slots {
  readonly [slot: string]: unknown
}
