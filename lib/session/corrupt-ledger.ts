import { hash } from 'node:crypto'
import { Logger } from '@nestjs/common'
import type { CorruptRecord } from '../model/record.interface.js'
import type { MemoryTelemetry } from '../observability/memory-telemetry.js'
import { REPLACEMENT } from '../serialization/replacement-character.js'
import type { SessionTarget } from './session-target.interface.js'
import { setNewest } from './set-newest.js'

const MAX_SESSIONS = 1_000
const MAX_RECORDS = 100
/** The SHA-1 of a record; or, where only the bytes of its beginning are known, of that and how many they are. */
const digestOf = (record: string): string => {
  const known = record.indexOf(REPLACEMENT)
  if (known === -1) return hash('sha1', record)
  const beginning = record.slice(0, known)
  return `${hash('sha1', beginning)}.${Buffer.byteLength(beginning)}`
}

/**
 * The records this process could not read. Each is counted once, and the first of a session is logged; and the scripts are told of them, so that one
 * that is replaced or trimmed is put aside instead of being lost. Of the sessions seen last, and a hundred records of each.
 */
export class CorruptLedger {
  private readonly sessions = new Map<string, Map<string, string>>()
  private found = 0

  constructor(private readonly telemetry: MemoryTelemetry) {}

  /** How many records this process found that it could not read. */
  get count(): number {
    return this.found
  }

  /** @param field the field of the session's hash */
  report({ key, id: sessionId, tenant }: SessionTarget, field: string, record: string, corrupt: CorruptRecord): void {
    const known = this.sessions.get(key) ?? new Map<string, string>()
    const digest = digestOf(record)
    if (known.get(field) === digest || known.size >= MAX_RECORDS) return
    const isFirst = known.size === 0
    known.set(field, digest)
    setNewest(this.sessions, key, known, MAX_SESSIONS)
    this.found++
    this.telemetry.corrupt({ sessionId, tenant, ...corrupt })
    if (!isFirst) return
    const { kind, seq, reason } = corrupt
    const what = seq === undefined ? kind : `${kind} ${seq}`
    const where = `${what} of session ${JSON.stringify(sessionId)}`
    Logger.warn(`a record cannot be read (${where}): ${reason}; further ones of the session are counted`, 'AgentMemory')
  }

  /** What the scripts take: see includes/aside.lua. */
  linesOf(key: string): string {
    const known = this.sessions.get(key)
    return known === undefined ? '' : [...known].map(([field, digest]) => `${digest}\t${field}`).join('\n')
  }
}
