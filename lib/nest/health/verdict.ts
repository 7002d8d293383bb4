import { MemoryError } from '../../errors/memory.error.js'
import { evicts } from '../../redis/server-check.js'
import type { JournalStatus } from '../../resilience/journal/journal-entry.interface.js'
import { isOutage } from '../../session/outage/is-outage.js'
import type {
  MemoryClusterHealth,
  MemoryHealthCode,
  MemoryHealthReason,
  MemoryDown,
  MemoryHealthFacts,
  MemoryServerHealth,
  MemoryUp,
} from './agent-memory-health.interface.js'

/** The part of what there is at the most from which on it is nearly used up. */
const PRESSURE = 0.9

/** What came of a write and a read: how long they took, or why there was none. */
export type RoundTrip = { readonly ms: number } | { readonly error: unknown }

export interface Evidence {
  readonly trip: RoundTrip
  readonly facts: MemoryHealthFacts
  /** Of the journal; `undefined` without one. */
  readonly maxBytes: number | undefined
}

const codeOf = (error: unknown): MemoryHealthCode => (error instanceof MemoryError ? error.code : 'UNKNOWN')

/** Whether a write as large as those that are there would be refused. */
const isFull = ({ entries, aside, bytes }: JournalStatus, maxBytes: number): boolean =>
  entries + aside > 0 && bytes + bytes / (entries + aside) > maxBytes

const journalReasons = (journal: JournalStatus, maxBytes: number): MemoryHealthReason[] => [
  ...(journal.entries > 0 ? (['journal-not-empty'] as const) : []),
  ...(journal.aside > 0 ? (['journal-set-aside'] as const) : []),
  ...(journal.bytes > maxBytes * PRESSURE ? (['journal-pressure'] as const) : []),
  ...(journal.failed ? (['journal-failed'] as const) : []),
]

const serverReasons = (server: MemoryServerHealth, takesWrites: boolean): MemoryHealthReason[] => {
  const { role, replicasDown = 0, masterLink, evictionPolicy, evictedKeys, usedMemory, maxMemory } = server
  return [
    ...(evicts({ evictionPolicy }) ? (['evicting-policy'] as const) : []),
    ...(evictedKeys > 0 ? (['evicted'] as const) : []),
    ...(maxMemory > 0 && usedMemory > maxMemory * PRESSURE ? (['memory-pressure'] as const) : []),
    ...(replicasDown > 0 || masterLink === 'down' ? (['replica-link-down'] as const) : []),
    ...(role === 'replica' && takesWrites ? (['writable-replica'] as const) : []),
  ]
}

/** Each once, however many servers have it. */
const clusterReasons = ({ mastersDown, servers = [] }: MemoryClusterHealth): MemoryHealthReason[] => [
  ...(mastersDown > 0 ? (['master-down'] as const) : []),
  // A replica of a cluster sends writes on to its master.
  ...new Set(servers.flatMap((server) => serverReasons(server, false))),
]

const reasonsOf = ({
  trip,
  facts: { breaker, journal, server, cluster },
  maxBytes = 0,
}: Evidence): MemoryHealthReason[] => [
  ...(journal === undefined ? [] : journalReasons(journal, maxBytes)),
  ...(breaker === 'closed' ? [] : [`breaker-${breaker}` as const]),
  ...(server === undefined ? [] : serverReasons(server, 'ms' in trip)),
  ...(cluster === undefined ? [] : clusterReasons(cluster)),
]

/** What is said of all that was found. */
export const verdict = (evidence: Evidence): MemoryUp | MemoryDown => {
  const { trip, facts, maxBytes = 0 } = evidence
  const { journal } = facts
  const reasons = reasonsOf(evidence)
  if ('ms' in trip) {
    const roundTripMs = Math.round(trip.ms * 100) / 100
    return { status: 'up', degraded: reasons.length > 0, reasons, roundTripMs, ...facts }
  }
  const code = codeOf(trip.error)
  // An application that closes begins nothing new, whatever its journal could take.
  if (journal === undefined || !isOutage(trip.error) || code === 'SHUTDOWN') return { status: 'down', code, ...facts }
  if (journal.failed || isFull(journal, maxBytes)) return { status: 'down', code: 'JOURNAL_FULL', ...facts }
  return { status: 'up', degraded: true, reasons: ['journaling', ...reasons], code, ...facts }
}
