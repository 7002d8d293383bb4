import type { LoggerService } from '@nestjs/common'

export interface LogLine {
  readonly level: 'log' | 'warn' | 'error'
  readonly text: string
  /** All that was given, as one text. */
  readonly whole: string
}

/** Keeps what an application logs. */
export class RecordingLogger implements LoggerService {
  readonly lines: LogLine[] = []
  readonly log = this.record('log')
  readonly warn = this.record('warn')
  readonly error = this.record('error')

  /** Of the module itself, not of Nest. */
  get ofMemory(): LogLine[] {
    return this.lines.filter(({ whole }) => whole.endsWith('AgentMemory'))
  }

  private record(level: LogLine['level']): (message: unknown, ...more: unknown[]) => void {
    return (message, ...more) => {
      this.lines.push({ level, text: String(message), whole: [message, ...more].map(String).join('\n') })
    }
  }
}
