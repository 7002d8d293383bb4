import type { Redis } from 'ioredis'

/** A replica, with the connection to it, which is made when it is used. */
export interface Replica {
  /** The same for the same one. */
  readonly name: string
  readonly client: Redis
}

/** Where replicas are known from. */
export interface ReplicaSource {
  /** Those that have a key, as far as they are known. */
  of(key: string): readonly Replica[]
  /** What one of them answered is of no use. */
  failed(replica: Replica): void
  close(): void
}
