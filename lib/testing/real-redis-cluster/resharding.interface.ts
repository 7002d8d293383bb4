import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import type { ClusterNode } from './cluster-node.interface.js'

/** @publicApi */
export interface ReshardOptions {
  /** Which slots to move; a key stands for its slot. */
  readonly slots: readonly number[] | string
  /** The master that gets them. */
  readonly to: ClusterNode
  /**
   * After how many keys to stop half-way; 0 stops when the first slot is open and none of its keys moved.
   *
   * @default none: all are moved
   */
  readonly stopAfter?: number
}

/**
 * Slots on their way. As long as one is open, its master answers ASK for keys that it no longer has, and TRYAGAIN to commands
 * on several keys of which it has some.
 *
 * @publicApi
 */
export interface Resharding extends ServerFault {
  /** How many keys were moved so far. */
  readonly movedKeys: number
  /** Whether all slots belong to the other master. */
  readonly finished: boolean
  /** Goes on after a stop, or stops again after so many keys more. */
  readonly goOn: (options?: Pick<ReshardOptions, 'stopAfter'>) => Promise<void>
  /** Moves what is left, and then all slots back. */
  readonly restore: () => Promise<void>
}
