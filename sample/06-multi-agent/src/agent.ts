import type { MemoryService, SessionContext } from 'nestjs-agent-memory'
import type { AgentName } from './agent-name.js'

/** What was said to an agent. */
export interface Said {
  readonly message: string
  /** The same for every attempt at the same turn. */
  readonly operationId?: string | undefined
}

/** Stands in for a language model with a memory of its own: it tells what it noted itself, and what all can see. */
export class Agent {
  constructor(
    private readonly name: AgentName,
    private readonly notes: MemoryService,
  ) {}

  async answer({ message, operationId }: Said, shared: SessionContext): Promise<string> {
    const own = this.notes.current()
    await own.append({ role: 'user', content: message }, { operationId })
    const noted = (await own.messages()).messages.length
    const said = shared.messages.filter(({ role }) => role === 'user').length + 1
    return `This is ${this.name}. Of the ${said} things you said, ${noted} were for me.`
  }
}
