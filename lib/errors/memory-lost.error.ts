import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * What most likely became of a session that is gone, or older than it was.
 *
 * - `evicted`: the server has evicted keys since, because it is full.
 * - `restarted`: another run of the server answers, and does not have the session.
 * - `rolled-back`: another run of the server answers, and has an older state of the session.
 * - `removed`: the same server runs on and has evicted nothing: someone removed or replaced the key.
 * - `unknown`: the server does not say.
 *
 * @publicApi
 */
export type LossReason = 'evicted' | 'restarted' | 'rolled-back' | 'removed' | 'unknown'

/**
 * Redis acknowledged the session, and no longer has it, or has an older state of it, before its time was over. What is left
 * is not an empty memory: it is a loss.
 *
 * @publicApi
 */
export class MemoryLostError extends MemoryError {
  constructor(
    message: string,
    /** The likely cause. */
    readonly reason: LossReason,
    details?: MemoryErrorDetails,
  ) {
    super(message, { code: 'LOST', retryable: false, executed: 'no' }, details)
  }
}
