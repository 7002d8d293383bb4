import { Injectable } from '@nestjs/common'
import { InjectMemory, MemoryService, type SessionContext, type SessionLock } from 'nestjs-agent-memory'
import { Agent, type Said } from './agent.js'
import type { AgentName } from './agent-name.js'

/** What all agents know of a conversation, beside what was said. */
export interface DeskState {
  /** Who has it. */
  readonly agent: AgentName
}

export interface Reply {
  readonly agent: AgentName
  readonly text: string
}

/** Stands in for a model that decides who is to answer. */
const TOPICS: readonly (readonly [RegExp, AgentName])[] = [
  [/\b(?:flight|hotel|train|trip)\b/iu, 'travel'],
  [/\b(?:bill|invoice|pay|refund)\b/iu, 'billing'],
]

/** Has the agent answer that has the conversation, and hands it over when it turns to what another one does. */
@Injectable()
export class Desk {
  private readonly agents: Readonly<Record<AgentName, Agent>>

  constructor(
    private readonly shared: MemoryService<DeskState>,
    @InjectMemory('reception') reception: MemoryService,
    @InjectMemory('travel') travel: MemoryService,
    @InjectMemory('billing') billing: MemoryService,
  ) {
    this.agents = {
      reception: new Agent('reception', reception),
      travel: new Agent('travel', travel),
      billing: new Agent('billing', billing),
    }
  }

  async answer(said: Said, context: SessionContext<DeskState>, { fence }: SessionLock): Promise<Reply> {
    const { agent: present = 'reception' } = context.state
    const agent = TOPICS.find(([topic]) => topic.test(said.message))?.[1] ?? present
    if (agent !== present) await this.shared.current().state.set({ agent }, { fence })
    return { agent, text: await this.agents[agent].answer(said, context) }
  }
}
