import { Injectable } from '@nestjs/common'
import { MemoryService, type SessionLock } from 'nestjs-agent-memory'
import type { Turn } from './tasks.models.js'

/** What the assistant has worked out of a conversation so far. */
export interface Tasks {
  readonly tasks: readonly string[]
}

/** Stands in for a language model that calls a tool: it keeps a list of what the user wants done. */
@Injectable()
export class Assistant {
  constructor(private readonly memory: MemoryService<Tasks>) {}

  async answer(message: string, tasks: readonly string[], { fence }: SessionLock): Promise<Turn> {
    const task = /^add (?<task>.+?)\.?$/iu.exec(message)?.groups?.['task']
    if (task === undefined) return { reply: `You have ${tasks.length} tasks.`, tasks }
    const more = [...new Set([...tasks, task])]
    await this.memory.current().state.set({ tasks: more }, { fence })
    return { reply: `Noted: ${task}.`, tasks: more }
  }
}
