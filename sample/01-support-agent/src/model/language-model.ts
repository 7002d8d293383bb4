import type { SessionContext } from 'nestjs-agent-memory'
import type { AgentState } from '../agent/agent-state.interface.js'

export interface ModelRequest {
  /** What is remembered: summary, state and the newest messages, the question among them. */
  readonly context: SessionContext<AgentState>
  readonly question: string
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal
}

/** The port to a language model, and its injection token. */
export abstract class LanguageModel {
  /** Answers piece by piece. @throws ModelError when the answer cannot be had, or not whole */
  abstract stream(request: ModelRequest): AsyncIterable<string>
}
