import { hash } from 'node:crypto'
import type { Entry } from './history-checker.interface.js'
import type { Findings } from './findings.js'
import { WriteHistory, type WriteName } from './write-history.js'

/** A read of the log, with what is known of the entries it showed. */
export interface ReadHistory {
  readonly begun: number
  readonly stale: boolean
  readonly of: 'all' | 'newest'
  readonly shown: readonly WriteHistory[]
}

/** A read of one field. */
export interface FieldRead {
  readonly begun: number
  readonly shown: WriteHistory | undefined
}

/** The values of a field, by the value. */
export interface FieldHistory {
  readonly writes: Map<string, WriteHistory>
  readonly reads: FieldRead[]
}

const digestOf = (content: string): string => hash('sha256', content, 'base64url').slice(0, 16)

/** All that is known of one session. */
export class SessionHistory {
  readonly writes = new Map<string, WriteHistory>()
  readonly clears = new Map<string, WriteHistory>()
  readonly fields = new Map<string, FieldHistory>()
  readonly reads: ReadHistory[] = []

  constructor(readonly session: string) {}

  /** @throws Error when the id names another write */
  write(name: WriteName, content: string | undefined, tick: number): WriteHistory {
    const digest = content === undefined ? undefined : digestOf(content)
    return known(this.writes, name, digest, tick)
  }

  clear(name: WriteName, tick: number): WriteHistory {
    return known(this.clears, name, undefined, tick)
  }

  assignment(name: WriteName, field: string, tick: number): WriteHistory {
    return known(this.field(field).writes, name, undefined, tick)
  }

  field(field: string): FieldHistory {
    let history = this.fields.get(field)
    if (history === undefined) this.fields.set(field, (history = { writes: new Map(), reads: [] }))
    return history
  }

  /** The writes behind entries. What nobody wrote, or another content than was written, is a finding. */
  recognize(entries: readonly Entry[], findings: Findings): WriteHistory[] {
    return entries.flatMap((entry) => {
      const { id, content } = typeof entry === 'string' ? { id: entry } : entry
      const write = this.writes.get(id)
      if (write === undefined) {
        findings.add('phantom', { session: this.session, id, detail: 'nobody wrote it' })
        return []
      }
      if (content !== undefined && write.digest !== undefined && digestOf(content) !== write.digest)
        findings.add('garbled', { ...named(write), detail: 'its content is not what was written' })
      return [write]
    })
  }

  /** The assignment behind the value of a field; `undefined` for none. */
  recognizeValue(field: string, value: string | undefined, findings: Findings): WriteHistory | undefined {
    if (value === undefined) return undefined
    const write = this.fields.get(field)?.writes.get(value)
    if (write === undefined)
      findings.add('phantom', { session: this.session, id: `${field}=${value}`, detail: 'nobody wrote it' })
    return write
  }
}

/** The names of a write, for a finding. */
export const named = ({ session, id, writer }: WriteName): WriteName => ({ session, id, writer })

const known = (
  writes: Map<string, WriteHistory>,
  name: WriteName,
  digest: string | undefined,
  tick: number,
): WriteHistory => {
  const earlier = writes.get(name.id)
  if (earlier === undefined) {
    const write = new WriteHistory(name, digest, tick)
    writes.set(name.id, write)
    return write
  }
  if (earlier.writer !== name.writer || earlier.digest !== digest)
    throw new Error(`HistoryChecker: ${name.id} names another write of session ${name.session}; ids have to be unique`)
  return earlier
}
