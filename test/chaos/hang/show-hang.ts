import { failedChecks, type Check } from '../failed-checks.js'
import type { HangOptions, HangOutcome } from './run-hang.js'

const MB = 1024 * 1024
/** The default of `resilience.deadline`. */
const DEADLINE = 2_000
/** What a busy machine may add to it, beside the longest time for which it let the process wait. */
const GRACE = 2_000
const HEAP_GROWTH = 64 * MB
const HEAP_LEFT = 10 * MB
const CLOSE = 5_000
const EXIT = 2_000

const mb = (bytes: number): string => (bytes / MB).toFixed(1)

/** What is not as promised; nothing when it holds. */
export const hangProblems = ({ seconds, rate }: HangOptions, outcome: HangOutcome): string[] => {
  const { report, effects, stopped, exit } = outcome
  const { heap, closed } = report
  const offered = seconds * rate
  const checks: readonly Check[] = [
    [stopped.ms < seconds * 1_000 || stopped.pingsAnswered > 0, 'the server was not stopped all the time'],
    [report.calls < offered, `${report.calls} calls, fewer than ${offered}`],
    [
      effects.acknowledged === 0 || report.errors === undefined,
      'nothing was acknowledged before the server was stopped',
    ],
    [Object.keys(report.errors).length === 0, 'no call failed'],
    [report.longest > DEADLINE + GRACE + report.longestBusy, `a call took ${Math.round(report.longest)} ms`],
    [report.untyped.length > 0, `${report.untyped.length} errors that are no MemoryError: ${report.untyped[0]}`],
    [report.unhandled.length > 0, `${report.unhandled.length} unhandled rejections: ${report.unhandled[0]}`],
    [heap.peak - heap.before > HEAP_GROWTH, `the heap grew by ${mb(heap.peak - heap.before)} MB`],
    [
      heap.settled - heap.before > HEAP_LEFT,
      `${mb(heap.settled - heap.before)} MB of heap were left when all had settled`,
    ],
    [closed.ms > CLOSE, `app.close() took ${Math.round(closed.ms)} ms`],
    [closed.underWay === 0, 'no call was under way when the application was closed'],
    [exit.code !== 0 || exit.ms > EXIT, `the process ended with ${exit.code} after ${Math.round(exit.ms)} ms`],
  ]
  return [...failedChecks(checks), ...effects.violations]
}

/** Everything that was measured, as a table. */
export const showHang = ({ report, effects, stopped, exit }: HangOutcome): string => {
  const { heap, closed } = report
  const rows: readonly (readonly [string, string | number])[] = [
    ['server stopped, ms', Math.round(stopped.ms)],
    ['PINGs of another client meanwhile', stopped.pings],
    ['  answered', stopped.pingsAnswered],
    ['calls', report.calls],
    ['  most under way at a time', report.mostUnderWay],
    ['  longest, ms', Math.round(report.longest)],
    ['  the process was busy at most for, ms', Math.round(report.longestBusy)],
    ...Object.entries(report.errors).map(([name, count]) => [`  ${name}`, count] as const),
    ['heap before, MB', mb(heap.before)],
    ['  at the peak, MB', mb(heap.peak)],
    ['  when all had settled, MB', mb(heap.settled)],
    ['  after closing, MB', mb(heap.closed)],
    ['greatest resident set, MB', mb(report.greatestRss)],
    ['calls under way when closing', closed.underWay],
    ['app.close(), ms', Math.round(closed.ms)],
    ['process ended after it, ms', Math.round(exit.ms)],
    ['unhandled rejections', report.unhandled.length],
    ['writes acknowledged', effects.acknowledged],
    ["  answered 'no'", effects.refused],
    ["  answered 'unknown'", effects.unknown],
    ['    of which executed', effects.unknownDone],
    ['violations', effects.violations.length],
  ]
  return rows.map(([name, value]) => `${name.padEnd(40)}${String(value).padStart(12)}`).join('\n')
}
