import { hash } from 'node:crypto'
import type { Healable } from './healing/recent-write.interface.js'
import type { KnownRun } from '../redis/server-run.js'
import type { Testimony } from './loss/losses.js'

/** One write: its id, what the scripts know it by, and under what it is made. */
export interface Operation extends OperationTerms {
  readonly id: string
  /** 16 hex digits of the id's hash: what the messages of the operation carry in their headers. */
  readonly hash: string
  /**
   * The hash, then 16 hex digits of the payload's digest: the code to write with, then those the operation may have been
   * written with under other keys.
   */
  readonly codes: readonly [string, ...string[]]
}

/** What an attempt of an operation has beside it. */
export interface OperationTerms {
  /** Of the lock's holder. */
  readonly fence: number | undefined
  /** What was known of the session when the call began; `undefined` for a write that needs nothing to be there. */
  readonly testimony: Testimony | undefined
  /** Whether it cannot have been made before `testimony` was given. */
  readonly isNew?: boolean
  /** What it is made again with, should Redis lose it after all. */
  readonly healable?: Healable | undefined
  /** Of a retry whose first attempt was not answered, what the scripts take: see includes/write.lua; else ''. */
  readonly age: () => string
  /** Is told by which server it was stored, or found to be: `undefined` where that cannot be told. */
  readonly stored?: ((by: KnownRun | undefined) => void) | undefined
}

/** Of an operation's id. */
export const hashOf = (id: string): string => hash('sha256', id).slice(0, 16)

/**
 * @param kind of the write: the same id cannot name a write of another kind
 * @param payload what the caller gave, as one text for equal payloads
 * @param digests as of Envelope
 */
export const operation = (
  id: string,
  kind: string,
  payload: string,
  digests: (text: string) => readonly [string, ...string[]],
  terms: OperationTerms,
): Operation => {
  const { fence, testimony, isNew, healable, age, stored } = terms
  const ofId = hashOf(id)
  const [current, ...others] = digests(`${kind}\n${payload}`)
  const codes: Operation['codes'] =
    others.length === 0 ? [ofId + current] : [ofId + current, ...others.map((digest) => ofId + digest)]
  return { id, hash: ofId, codes, fence, testimony, isNew, healable, age, stored }
}

/** The operation in the header of a message: its hash, and from the second message on the place in the append. */
export const operationOfMessage = (named: Pick<Operation, 'hash'>, index: number): string =>
  index === 0 ? named.hash : `${named.hash}.${index}`
