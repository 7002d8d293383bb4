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

const lost = channel('nestjs-agent-memory:lost')

export const publishLost = (event: SessionLostEvent): void => lost.publish(event)
