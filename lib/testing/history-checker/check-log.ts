import type { Clears } from './clears.js'
import type { Findings } from './findings.js'
import { named, type SessionHistory } from './session-history.js'
import type { WriteHistory } from './write-history.js'

/**
 * Holds the log as it stands in the end against the calls. Answers where each write stands.
 *
 * Of two writes of one writer, the one called first stands first. A write that was repeated may stand anywhere from its
 * first attempt on to the one that was acknowledged.
 */
export const checkLog = (
  history: SessionHistory,
  log: readonly WriteHistory[],
  clears: Clears,
  findings: Findings,
): Map<WriteHistory, number> => {
  const positions = new Map<WriteHistory, number>()
  const newestOf = new Map<string, WriteHistory>()
  for (const write of log) {
    if (positions.has(write)) {
      findings.add('doubled', { ...named(write), detail: 'it stands there more than once' })
      continue
    }
    positions.set(write, positions.size)
    if (write.outcome !== 'acknowledged') continue
    if (clears.mustBeGone(write)) findings.add('resurrected', { ...named(write), detail: 'it was cleared' })
    const newest = newestOf.get(write.writer)
    if (newest !== undefined && newest.begun > write.lastBegun)
      findings.add('reordered', { ...named(write), detail: `it stands after ${newest.id}, which was called later` })
    if (newest === undefined || newest.begun < write.begun) newestOf.set(write.writer, write)
  }
  for (const write of history.writes.values()) {
    const there = positions.has(write)
    if (write.outcome === 'refused' && (there || write.seen))
      findings.add('phantom', { ...named(write), detail: 'every call was refused, and yet it is there' })
    if (there || clears.mayBeGone(write)) continue
    if (write.outcome === 'acknowledged') findings.add('lost', { ...named(write), detail: 'it was acknowledged' })
    else if (write.seen && write.outcome === 'unknown')
      findings.add('lost', { ...named(write), detail: 'it was read, and is no longer there' })
  }
  return positions
}
