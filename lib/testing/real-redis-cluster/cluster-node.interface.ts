/**
 * A node of a cluster, as the cluster sees it.
 *
 * @publicApi
 */
export interface ClusterNode {
  readonly host: string
  readonly port: number
  /** As `redis://127.0.0.1:20123`. */
  readonly url: string
  readonly role: 'master' | 'replica'
  /** The name it gave itself: 40 hexadecimal digits. It keeps it through restarts. */
  readonly id: string
  /** Of a replica: whose. */
  readonly masterId: string | undefined
  /** Of a master: from slot to slot, both included. */
  readonly slots: readonly (readonly [from: number, to: number])[]
  /** Whether the cluster takes it for dead. */
  readonly failed: boolean
}
