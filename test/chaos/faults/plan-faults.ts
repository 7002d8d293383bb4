import { between, pickWeighted, seededRandom } from '../random.js'
import type { ChaosFault, FaultSize } from './chaos-fault.interface.js'

const EVERY_MS = 200
/** A server that comes back takes longer than it was away for. */
const MARGIN_MS = 100

export interface PlannedFault extends FaultSize {
  readonly fault: ChaosFault
  /** In ms from the start. */
  readonly at: number
}

/** The faults of a run, every 200 ms one: a function of the seed alone, so that a run can be made again. */
export const planFaults = (faults: readonly ChaosFault[], seed: number, seconds: number): PlannedFault[] => {
  const random = seededRandom(seed)
  const busyUntil = new Map<ChaosFault['acts'], number>()
  return Array.from({ length: Math.floor((seconds * 1_000) / EVERY_MS) }, (_, index) => {
    const at = index * EVERY_MS
    const fault = pickWeighted(
      random,
      faults.filter(({ acts }) => (busyUntil.get(acts) ?? -Infinity) <= at),
    )
    const [ms, amount] = [between(random, fault.ms), between(random, fault.amount)]
    if (fault.acts !== 'at once') busyUntil.set(fault.acts, at + ms + MARGIN_MS)
    return { fault, at, ms, amount }
  })
}
