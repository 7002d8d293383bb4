import type { Entry } from 'nestjs-agent-memory/testing'

/** What one process of an application needs of a memory, ours or another's. */
export interface ChaosMemory {
  append(session: string, id: string, content: string): Promise<unknown>
  /** Puts a value into a field of the state; `how` is for memories that know both. */
  assign(session: string, field: string, value: string, how: 'set' | 'patch'): Promise<unknown>
  /** The log, or the newest of it. */
  read(session: string, of: 'all' | 'newest'): Promise<{ readonly stale: boolean; readonly entries: Entry[] }>
  readFields(session: string): Promise<{ readonly stale: boolean; readonly fields: Record<string, string | undefined> }>
  /** Whether the application repeats a call that failed so, for the how-manieth time. */
  repeats(error: unknown, attempts: number): boolean
  close(): Promise<void>
}

/** @param url of the server, or of the proxy before it */
export type OpenChaosMemory = (url: string) => Promise<ChaosMemory>

/** How an entry is found again: its id stands first in its content. */
export const entryOf = (content: unknown): Entry =>
  typeof content === 'string'
    ? { id: content.split(' ', 1)[0]!, content }
    : { id: 'not a text', content: JSON.stringify(content) }
