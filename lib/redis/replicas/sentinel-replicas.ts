import type { Redis } from 'ioredis'
import type { Replica, ReplicaSource } from './replica-source.interface.js'

/** One of the replicas that sentinels know, by a connection of its own: made at the first read, and to any of them each time. */
export class SentinelReplicas implements ReplicaSource {
  private replica: Replica | undefined
  private isClosed = false

  constructor(private readonly create: () => Redis) {}

  of(): readonly Replica[] {
    if (this.isClosed) return []
    this.replica ??= { name: 'any', client: this.opened() }
    return [this.replica]
  }

  /** There may be a better one. */
  failed({ client }: Replica): void {
    if (client.status === 'ready') client.disconnect(true)
  }

  close(): void {
    this.isClosed = true
    this.replica?.client.disconnect()
  }

  private opened(): Redis {
    // Who asks it is told what became of that.
    return this.create().on('error', () => undefined)
  }
}
