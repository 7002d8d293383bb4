/**
 * What a Redis for tests is made of: one server, a cluster, or a master with replicas that Sentinels watch.
 *
 * @publicApi
 */
export type Topology = 'standalone' | 'cluster' | 'sentinel'

export const TOPOLOGIES: readonly Topology[] = ['standalone', 'cluster', 'sentinel']
