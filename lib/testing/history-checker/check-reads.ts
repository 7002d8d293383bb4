import type { Clears } from './clears.js'
import type { Findings } from './findings.js'
import { greatestBefore } from './greatest-before.js'
import { named, type ReadHistory, type SessionHistory } from './session-history.js'
import type { WriteHistory } from './write-history.js'

/** Holds what reads showed against the log as it stands in the end, and against what had been acknowledged by then. */
export const checkReads = (
  history: SessionHistory,
  positions: ReadonlyMap<WriteHistory, number>,
  clears: Clears,
  findings: Findings,
): void => {
  const log = [...positions.keys()]
  const dueAt = greatestBefore(
    [...positions].flatMap(([write, position]) =>
      write.visibleFrom === Infinity ? [] : [[write.visibleFrom, position] as const],
    ),
  )
  for (const read of history.reads) {
    for (const write of read.shown) {
      if (!read.stale && clears.mustBeGone(write, read.begun))
        findings.add('resurrected', { ...named(write), detail: 'a read showed it after it was cleared' })
    }
    const last = checkOrder(read, positions, log, findings)
    const missing = log[dueAt(read.begun)]
    if (!read.stale && missing !== undefined && dueAt(read.begun) > last)
      findings.add('staleAsFresh', {
        ...named(missing),
        detail: 'a read that began after it was acknowledged does not show it',
      })
  }
}

/** Answers the position of the newest write it showed; -1 for none that stands in the log. */
const checkOrder = (
  read: ReadHistory,
  positions: ReadonlyMap<WriteHistory, number>,
  log: readonly WriteHistory[],
  findings: Findings,
): number => {
  const shown = new Set<WriteHistory>()
  let last = -1
  for (const write of read.shown) {
    if (shown.has(write)) findings.add('doubled', { ...named(write), detail: 'a read showed it more than once' })
    const position = positions.get(write)
    if (shown.has(write) || position === undefined) continue
    shown.add(write)
    const begins = shown.size === 1 && read.of === 'newest'
    if (position < last)
      findings.add('reordered', { ...named(write), detail: 'a read showed it in another place than it stands in' })
    else if (!read.stale && !begins && position > last + 1)
      findings.add('staleAsFresh', {
        ...named(log[last + 1]!),
        detail: `a read showed ${write.id} after it, but not it`,
      })
    last = Math.max(last, position)
  }
  return last
}
