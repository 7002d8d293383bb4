import { MemoryError, type MemoryErrorDetails } from './memory.error.js'

/**
 * What most likely became of a session that is gone, or older than it was.
 *
 * - `evicted`: the server has evicted keys since, because it is full.
 * - `restarted`: another run of the server answers, and does not have the session.
 * - `rolled-back`: another run of the server answers, and has an older state of the session.
 * - `failed-over`: another server has taken over without what the one before it had acknowledged, and this process had not kept
 *   enough of it to make it again.
 * - `removed`: the same server runs on and has evicted nothing: someone removed or replaced the key.
 * - `unknown`: the server does not say.
 *
 * @publicApi
 */
export type LossReason = 'evicted' | 'restarted' | 'rolled-back' | 'failed-over' | 'removed' | 'unknown'

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
    /** Of `failed-over`: the messages that are lost, where they are known. */
    readonly seqs?: { readonly from: number; readonly to: number },
  ) {
    super(message, { code: 'LOST', retryable: false, executed: 'no' }, details)
  }
}
