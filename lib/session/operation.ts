import { hash, randomUUID } from 'node:crypto'

/** One write: its id, and what the scripts know it by. */
export interface Operation {
  readonly id: string
  /** 16 hex digits of the id's hash, then 16 of the payload's digest. */
  readonly code: string
}

const digits = (text: string): string => hash('sha256', text, 'hex').slice(0, 16)

/**
 * @param id the caller's, or a new one
 * @param kind of the write: the same id cannot name a write of another kind
 * @param payload what the caller gave, as one text for equal payloads
 */
export const operation = (id: string = randomUUID(), kind: string, payload: string): Operation => ({
  id,
  code: digits(id) + digits(`${kind}\n${payload}`),
})
