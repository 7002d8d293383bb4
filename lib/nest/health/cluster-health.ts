import type { MemoryClusterHealth } from './agent-memory-health.interface.js'
import type { Found } from './node-probe.js'
import type { RoundTrip } from './verdict.js'

interface OfCluster {
  /** The longest of those that came back; where none did, why the first did not. */
  readonly trip: RoundTrip
  readonly cluster: MemoryClusterHealth
}

const longerOf = (one: RoundTrip, other: RoundTrip): RoundTrip => {
  if (!('ms' in other)) return one
  return 'ms' in one && one.ms >= other.ms ? one : other
}

/** What is said of a cluster by what was found of its masters, of which there is at least one. */
export const ofCluster = (found: readonly Found[], withServers: boolean): OfCluster => {
  const trips = found.map(({ trip }) => trip)
  return {
    trip: trips.reduce(longerOf),
    cluster: {
      masters: found.length,
      mastersDown: trips.filter((trip) => !('ms' in trip)).length,
      ...(withServers && { servers: found.flatMap(({ server }) => server ?? []) }),
    },
  }
}
