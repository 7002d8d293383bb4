import { Logger } from '@nestjs/common'
import { MemoryPermissionError } from '../../errors/memory-permission.error.js'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import { classifyError } from '../classify-error.js'
import { isCluster, type Client } from '../cluster-nodes.js'
import { createReplicaClient } from '../create-client.js'
import type { Deadline } from '../deadline.js'
import type { Script } from '../scripts/script.interface.js'
import { ClusterReplicas } from './cluster-replicas.js'
import { ReplicaChoice } from './replica-choice.js'
import type { Replica, ReplicaSource } from './replica-source.interface.js'
import { runReadOnly } from './run-read-only.js'
import { SentinelReplicas } from './sentinel-replicas.js'

/** Runs a script on one replica. @throws whatever comes of it; DeadlineExceeded */
export type AskReplica = <Reply>(
  script: Script,
  args: readonly (string | number)[],
  deadline: Deadline,
) => Promise<Reply>

/** The replicas there are beside the masters: for reads that may be old. */
export class Replicas {
  private readonly choice = new ReplicaChoice()
  private isDenied = false

  /** @param source `undefined` where no replica can be known */
  constructor(private readonly source: ReplicaSource | undefined) {}

  /** Whom to ask for a key, once or more; `undefined` when there is nobody for now. */
  of(key: string): AskReplica | undefined {
    const { source } = this
    const replica = source && this.choice.choose(source.of(key))
    if (source === undefined || replica === undefined) return undefined
    return async (script, args, deadline) => {
      try {
        const reply = await deadline.race(runReadOnly<never>(replica.client, script, key, args))
        this.choice.answered(replica.name)
        return reply
      } catch (error) {
        this.failed(source, replica, error)
        throw error
      }
    }
  }

  close(): void {
    this.source?.close()
  }

  private failed(source: ReplicaSource, replica: Replica, error: unknown): void {
    this.choice.failed(replica.name)
    const reason = classifyError(error, { kind: 'read' })
    if (!(reason instanceof MemoryPermissionError)) source.failed(replica)
    else if (!this.isDenied) {
      this.isDenied = true
      new Logger('AgentMemory').warn(`replicas cannot be read, so that masters are asked: ${reason.message}`)
    }
  }
}

const ofSentinels = (connection: ConnectionOptions): boolean => {
  if ('client' in connection) return !isCluster(connection.client) && Boolean(connection.client.options.sentinels)
  return 'sentinel' in connection || ('sentinels' in connection && Boolean(connection.sentinels))
}

/**
 * @param deadline of a call, in ms
 * @param present the connection to the masters
 */
export const replicasOf = (
  connection: ConnectionOptions,
  deadline: number,
  present: () => Client | undefined,
): Replicas => {
  if (ofSentinels(connection))
    return new Replicas(new SentinelReplicas(() => createReplicaClient(connection, deadline)))
  const ofCluster = 'client' in connection ? isCluster(connection.client) : 'cluster' in connection
  return new Replicas(ofCluster ? new ClusterReplicas(present) : undefined)
}
