import type { ChaosOptions, ChaosOutcome } from './run-chaos.js'

const APPENDS_PER_MINUTE = 20_000
const FAULTS_PER_MINUTE = 200
const HEAP_MB = 384
/** What a run of less than a minute, among other tests on a busy machine, has to reach of that. */
const SHORT_RUN = 0.25

/** What the run falls short of; nothing when it holds. */
export const shortcomings = ({ seconds }: ChaosOptions, outcome: ChaosOutcome): string[] => {
  const { report, faults, log, unhandled, heapMb, keys } = outcome
  const minutes = (seconds / 60) * (seconds < 60 ? SHORT_RUN : 1)
  const appends = Math.floor(APPENDS_PER_MINUTE * minutes)
  const injected = Math.floor(FAULTS_PER_MINUTE * minutes)
  const findings = [
    ...['hung', 'lost', 'doubled', 'reordered', 'garbled', 'phantom', 'staleAsFresh', 'resurrected'].map(
      (kind) => [kind, report[kind as 'lost'].length] as const,
    ),
    ['unhandled rejections', unhandled.length] as const,
    ['faults that could not be made', faults.failed.length] as const,
  ]
  return [
    ...findings.filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`),
    ...(typeof keys === 'string' ? [keys] : []),
    ...(log.appended < appends ? [`${log.appended} acknowledged appends, fewer than ${appends}`] : []),
    ...(faults.injected < injected ? [`${faults.injected} faults, fewer than ${injected}`] : []),
    ...(heapMb > HEAP_MB ? [`a heap of ${heapMb.toFixed(0)} MB, more than ${HEAP_MB}`] : []),
  ]
}
