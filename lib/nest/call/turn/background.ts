import { Logger } from '@nestjs/common'
import { MemoryError } from '../../../errors/memory.error.js'

/** Nobody waits for what is done when the client is gone, or the handler has failed: it is logged. Never rejects. */
export const inBackground = async (what: string, work: Promise<unknown>): Promise<void> => {
  try {
    await work
  } catch (error) {
    const why = error instanceof MemoryError ? error.code : 'not a MemoryError'
    new Logger('AgentMemory').error(`${what} could not be kept: ${why}`)
  }
}
