import { isCluster, nameOfNode, nodeNamesOfKey, type Client } from '../cluster-nodes.js'
import type { Replica, ReplicaSource } from './replica-source.interface.js'

/** The replicas of a cluster, by the client's own connections: it has them answer reads (READONLY) by itself. */
export class ClusterReplicas implements ReplicaSource {
  constructor(private readonly present: () => Client | undefined) {}

  of(key: string): readonly Replica[] {
    const cluster = this.present()
    if (cluster === undefined || !isCluster(cluster)) return []
    const [, ...names] = nodeNamesOfKey(cluster, key)
    const replicas = cluster.nodes('slave').map((client) => ({ name: nameOfNode(cluster, client), client }))
    return replicas.filter(({ name }) => names.includes(name))
  }

  failed(): void {
    // The client gives up connections that are silent, and looks for its nodes, by itself.
  }

  close(): void {
    // They are closed with the client.
  }
}
