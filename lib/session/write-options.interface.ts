import type { Version } from '../model/record.interface.js'

/**
 * What every write may carry.
 *
 * @publicApi
 */
export interface WriteOptions {
  /**
   * Names the write, so that repeating it does not double it: the same id with the same payload answers with the first
   * result. At least the last 134 writes of a session are remembered; where a write that was not answered is repeated later by
   * the same process, and nobody can tell, it is refused (`OPERATION_FORGOTTEN`). 1 to 256 characters.
   *
   * @default a random id, carried by errors, so that a failed call can be repeated with it
   */
  readonly operationId?: string | undefined
  /**
   * The version the session must have, from an earlier result; `'0'` for a session that must not exist yet.
   * Otherwise the write is refused with MemoryConflictError (`VERSION_MISMATCH`).
   */
  readonly expectedVersion?: Version | undefined
  /**
   * What `withLock` gave to the work under the lock: when another holder came since, the write is refused with
   * MemoryConflictError (`FENCE_STALE`).
   */
  readonly fence?: number | undefined
}
