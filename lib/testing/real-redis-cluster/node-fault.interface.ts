import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import type { ClusterNode } from './cluster-node.interface.js'

/**
 * What was done to one node of a cluster.
 *
 * @publicApi
 */
export interface NodeFault extends ServerFault {
  /** As it was before. */
  readonly node: ClusterNode
}
