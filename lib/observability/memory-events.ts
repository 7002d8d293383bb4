import { channel } from 'node:diagnostics_channel'
import type { LossReason } from '../errors/memory-lost.error.js'

/**
 * What is published on the channel `nestjs-agent-memory:lost` of `node:diagnostics_channel` when a session is found to be gone, or
 * older than it was: also with `onLoss: 'report'`, where no error is thrown.
 *
 * @publicApi
 */
export interface SessionLostEvent {
  readonly sessionId: string
  readonly tenant: string | undefined
  /** The likely cause. */
  readonly reason: LossReason
}

/**
 * What is published on `nestjs-agent-memory:replayed` when a write of the journal was made.
 *
 * @publicApi
 */
export interface WriteReplayedEvent {
  readonly sessionId: string
  readonly tenant: string | undefined
  readonly operationId: string
  /** The seqs that its messages got. */
  readonly seqs: readonly number[]
  /** How many messages of others stand between it and what was known when it was made. */
  readonly behind: number
  /** State fields that were left as they are, because they were written later. */
  readonly outdated: readonly string[]
}

/**
 * What is published on `nestjs-agent-memory:set-aside` when a write of the journal cannot be made: it is kept there, and not
 * tried again.
 *
 * @publicApi
 */
export interface WriteSetAsideEvent {
  /** `undefined` when the entry cannot be read. */
  readonly sessionId: string | undefined
  readonly tenant: string | undefined
  readonly operationId: string
  /** A code of a MemoryError, or what is wrong with the entry. */
  readonly reason: string
}

const lost = channel('nestjs-agent-memory:lost')

export const publishLost = (event: SessionLostEvent): void => lost.publish(event)

const replayed = channel('nestjs-agent-memory:replayed')
const setAside = channel('nestjs-agent-memory:set-aside')

export const publishReplayed = (event: WriteReplayedEvent): void => replayed.publish(event)

export const publishSetAside = (event: WriteSetAsideEvent): void => setAside.publish(event)
