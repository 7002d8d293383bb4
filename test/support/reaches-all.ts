import type { MemoryService } from 'nestjs-agent-memory'
import { succeeds } from './succeeds.js'

/** Of a cluster of three masters, each has at least one of so many sessions as good as always. */
const SESSIONS = 12

/** Whether a memory has its connection, to each server that it may need. */
export const reachesAll = async (memory: MemoryService): Promise<boolean> => {
  for (let index = 0; index < SESSIONS; index += 1)
    if (!(await succeeds(memory.session(`there-${index}`).info()))) return false
  return true
}
