/**
 * Which server a read asks.
 *
 * @publicApi
 */
export interface ReadOptions {
  /**
   * `'replica'`: a replica first, and what it answers has `stale: true`, as it may lack the last writes. The master answers where
   * no replica does in a quarter of the deadline, where the replica has no such session, where this process has writes of the
   * session to make first, and where no replica is known: of one server.
   *
   * @default 'master'
   */
  readonly readFrom?: 'master' | 'replica' | undefined
}
