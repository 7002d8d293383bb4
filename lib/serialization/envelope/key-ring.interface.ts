import type { EncryptionKey } from './encryption-key.js'

export interface KeyRing {
  /** The keys at hand, by id. */
  readonly keys: ReadonlyMap<string, EncryptionKey>
  /**
   * Gets those that are not at hand and exist; `undefined` when there is nothing to get.
   *
   * @throws KeyUnavailable
   */
  load(ids: Iterable<string>): Promise<void> | undefined
}
