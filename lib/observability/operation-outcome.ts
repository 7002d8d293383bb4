import type { OperationEvent } from './memory-events.js'
import type { Attributes } from './open-telemetry.interface.js'

/** The type of an error that is none of this module's, as that of a tokenizer. */
const OTHER = '_OTHER'

/** `error.type`, of a call that failed. */
export const errorType = ({ code }: OperationEvent): string => code ?? OTHER

/** What a span says when the call has settled; what is as usual is left out. */
export const spanOutcome = (event: OperationEvent): Attributes => ({
  ...(event.outcome === 'error' && { 'error.type': errorType(event) }),
  ...(event.attempts > 1 && { 'agent_memory.attempts': event.attempts }),
  ...(event.duplicate && { 'agent_memory.duplicate': true }),
  ...(event.stale && { 'agent_memory.stale': true }),
  ...(event.replica && { 'agent_memory.replica': true }),
  ...(event.journaled && { 'agent_memory.journaled': true }),
})
