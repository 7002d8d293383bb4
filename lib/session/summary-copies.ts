import { Logger } from '@nestjs/common'
import type { MemoryErrorCode } from '../errors/memory.error.js'

/** Says when the copies that outlive their sessions can no longer be written, and when they can again: not at every commit. */
export class SummaryCopies {
  private readonly logger = new Logger('AgentMemory')
  private fails = false

  written(): void {
    if (this.fails) this.logger.log('copies of summaries that outlive their sessions are written again')
    this.fails = false
  }

  failed(code: MemoryErrorCode): void {
    if (!this.fails) this.logger.warn(`copies of summaries that outlive their sessions cannot be written (${code})`)
    this.fails = true
  }
}
