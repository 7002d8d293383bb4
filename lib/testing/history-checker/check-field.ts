import type { Clears } from './clears.js'
import type { Findings } from './findings.js'
import { greatestBefore } from './greatest-before.js'
import { named, type FieldHistory } from './session-history.js'
import type { WriteHistory } from './write-history.js'

/**
 * Holds the value of a field against its writes: the last acknowledged one stands, or one that may have come after it. Of
 * one writer the one called later came after; of two writers, the one called after the other had been answered.
 */
export const checkField = (
  field: string,
  { writes, reads }: FieldHistory,
  standing: WriteHistory | undefined,
  clears: Clears,
  findings: Findings,
): void => {
  const of = (write: WriteHistory) => ({ ...named(write), id: `${field}=${write.id}` })
  const acknowledged = [...writes.values()].filter(({ outcome }) => outcome === 'acknowledged')
  const lasting = acknowledged.filter((write) => !clears.mayBeGone(write))

  const newest = lasting.reduce<WriteHistory | undefined>(
    (best, write) => (best === undefined || best.begun < write.begun ? write : best),
    undefined,
  )
  if (standing === undefined) {
    if (newest !== undefined) findings.add('lost', { ...of(newest), detail: 'it was acknowledged' })
  } else {
    const later = acknowledged.find((write) => write !== standing && isAfter(write, standing))
    if (later !== undefined) {
      findings.add('lost', { ...of(later), detail: `it was acknowledged, and an older value stands (${standing.id})` })
      findings.add('resurrected', { ...of(standing), detail: `a later value was acknowledged (${later.id})` })
    }
    if (clears.mustBeGone(standing)) findings.add('resurrected', { ...of(standing), detail: 'it was cleared' })
    if (standing.outcome === 'refused')
      findings.add('phantom', { ...of(standing), detail: 'every call was refused, and yet it is there' })
  }

  const newestAt = greatestBefore(acknowledged.map((write) => [write.visibleFrom, write.begun] as const))
  const lastingAt = greatestBefore(lasting.map((write) => [write.visibleFrom, write.begun] as const))
  const at = new Map(acknowledged.map((write) => [write.begun, write]))
  for (const { begun, shown } of reads) {
    if (shown?.outcome === 'refused')
      findings.add('phantom', { ...of(shown), detail: 'every call was refused, and yet it was read' })
    const due = at.get(shown === undefined ? lastingAt(begun) : newestAt(begun))
    if (due !== undefined && (shown === undefined || shown.ended < due.begun))
      findings.add('staleAsFresh', {
        ...of(due),
        detail: 'a read that began after it was acknowledged shows an older value',
      })
  }
}

const isAfter = (later: WriteHistory, earlier: WriteHistory): boolean =>
  later.begun > (later.writer === earlier.writer ? earlier.lastBegun : earlier.ended)
