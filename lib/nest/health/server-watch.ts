import type { ServerFacts } from '../../redis/server-check.js'
import type { ServerLoad } from '../../redis/server-load.js'
import type { MemoryServerHealth } from './agent-memory-health.interface.js'

/** From when on a replica that says nothing counts as down, in ms: as `min-replicas-max-lag` has it by default. */
const SILENT_AFTER = 10_000

/** What was seen of one run of the server. */
interface Run {
  readonly id: string | undefined
  /** What it had evicted when it was seen first: that concerned others. */
  readonly evictedBefore: number
  /** How many replicas it had at the most. */
  readonly replicas: number
}

/** Knows what the server was like before, so that what it has lost is seen. */
export class ServerWatch {
  private run: Run | undefined

  /** @param first what the connection found when it saw this run of the server first */
  look(load: ServerLoad, first: ServerFacts | undefined): MemoryServerHealth {
    const { role, replicas, master, evictionPolicy, usedMemory, maxMemory, evictedKeys } = load
    const { evictedBefore, replicas: most } = this.seen(load, first)
    const lags = (master === undefined ? replicas : [master]).flatMap(({ lagMs }) => lagMs ?? [])
    const healthy = replicas.filter(({ online, lagMs }) => online && lagMs <= SILENT_AFTER).length
    return {
      role,
      ...(master === undefined
        ? { replicas: replicas.length, replicasDown: most - healthy }
        : { masterLink: master.link }),
      ...(lags.length > 0 && { replicationLagMs: Math.max(...lags) }),
      ...(evictionPolicy !== undefined && { evictionPolicy }),
      usedMemory,
      maxMemory,
      evictedKeys: evictedKeys - evictedBefore,
    }
  }

  private seen({ runId, evictedKeys, replicas }: ServerLoad, first: ServerFacts | undefined): Run {
    const known = this.run?.id === runId ? this.run : undefined
    const before = known?.evictedBefore ?? (first?.runId === runId ? first?.evictedKeys : undefined) ?? evictedKeys
    const run = {
      id: runId,
      // CONFIG RESETSTAT begins to count anew.
      evictedBefore: Math.min(before, evictedKeys),
      replicas: Math.max(known?.replicas ?? 0, replicas.length),
    }
    this.run = run
    return run
  }
}
