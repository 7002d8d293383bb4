import { hash } from 'node:crypto'
import { Logger } from '@nestjs/common'
import type { CorruptRecord } from '../model/record.interface.js'
import { REPLACEMENT } from '../serialization/replacement-character.js'
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
 * The records this process could not read. Each is logged and counted once; and the scripts are told of them, so that one
 * that is replaced or trimmed is put aside instead of being lost. Of the sessions seen last, and a hundred records of each.
 */
export class CorruptLedger {
  private readonly sessions = new Map<string, Map<string, string>>()
  private found = 0

  /** How many records this process found that it could not read. */
  get count(): number {
    return this.found
  }

  /** @param field the field of the session's hash */
  report(key: string, sessionId: string, field: string, record: string, { kind, seq, reason }: CorruptRecord): void {
    const known = this.sessions.get(key) ?? new Map<string, string>()
    const digest = digestOf(record)
    if (known.get(field) === digest || known.size >= MAX_RECORDS) return
    known.set(field, digest)
    setNewest(this.sessions, key, known, MAX_SESSIONS)
    this.found++
    const what = seq === undefined ? kind : `${kind} ${seq}`
    Logger.warn(`a record cannot be read (${what} of session ${JSON.stringify(sessionId)}): ${reason}`, 'AgentMemory')
  }

  /** What the scripts take: see includes/aside.lua. */
  linesOf(key: string): string {
    const known = this.sessions.get(key)
    return known === undefined ? '' : [...known].map(([field, digest]) => `${digest}\t${field}`).join('\n')
  }
}
