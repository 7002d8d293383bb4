import { failedChecks, type Check } from '../failed-checks.js'
import type { FailoverOptions, FailoverOutcome } from './run-scenario.js'
import type { Row, Scenario } from './scenario.interface.js'

/** What a busy machine may add to a deadline, beside the longest time for which it let the process wait. */
const GRACE = 500
/** How long before the end an append was acknowledged on every shard, if all is well again. */
const QUIET = 2_000
const DEADLINE = 2_000

/** What is not as promised; nothing when it holds. */
export const failoverProblems = (
  { loses = false }: Pick<Scenario, 'loses'>,
  { healing }: Pick<FailoverOptions, 'healing'>,
  { proof, report, code }: FailoverOutcome,
): string[] => {
  const { lost, ...others } = report.findings
  const mayLose = loses && !healing
  const checks: readonly Check[] = [
    ...proof.checks,
    [lost > 0 && !mayLose, `${lost} acknowledged writes are lost`],
    [report.lostAppends === 0 && mayLose, 'nothing was lost, though nothing was healed: the fault was none'],
    // What is lost may be an older value of the state that stands, too.
    ...Object.entries(mayLose ? { ...others, resurrected: 0 } : others).map(([kind, count]): Check => [
      count > 0,
      `${count} ${kind}`,
    ]),
    [report.appended === 0, 'nothing was acknowledged'],
    [report.final.length > 0, `${report.final.length} calls failed for good: ${report.final[0]}`],
    [report.longestCall > DEADLINE + GRACE + report.longestBusy, `a call took ${report.longestCall} ms`],
    ...Object.entries(report.quietAtEnd).map(([shard, ms]): Check => [
      ms > QUIET,
      `${shard}: nothing was acknowledged in the last ${ms} ms`,
    ]),
    [report.unhandled.length > 0, `${report.unhandled.length} unhandled rejections: ${report.unhandled[0]}`],
    [code !== 0, `the process of the applications ended with ${code}`],
  ]
  return failedChecks(checks)
}

const line = ([name, value]: Row): string => `  ${name.padEnd(52)}${String(value).padStart(14)}`

const sorted = (counts: Readonly<Record<string, number>>): Row[] =>
  Object.entries(counts).toSorted(([left], [right]) => left.localeCompare(right))

/** Everything that was measured in one scenario. */
export const showFailover = ({ proof, report, seconds }: FailoverOutcome): string => {
  const { lost, ...others } = report.findings
  const rows: readonly Row[] = [
    ...proof.rows,
    ['seconds', seconds.toFixed(1)],
    ['appends acknowledged', report.appended],
    ['  lost', report.lostAppends],
    ...(report.lostAppends === 0 ? [] : [['    acknowledged from', report.lostFrom] as const]),
    ['values of the state lost', lost - report.lostAppends],
    ...Object.entries(others).map(([kind, count]): Row => [kind, count]),
    ['losses that the module reported', report.reportedLost],
    ['writes it made again', report.healed],
    ['  of which appends', report.healedAppends],
    ...sorted(report.errors).map(([name, count]): Row => [`failed calls: ${name}`, count]),
    ...Object.entries(report.gaps).map(([name, { ms, at }]): Row => [
      `longest gap, ${name}`,
      `${ms} ms at ${(at / 1_000).toFixed(1)} s`,
    ]),
    ['longest call, ms', report.longestCall],
    ['the process was busy at most for, ms', Math.round(report.longestBusy)],
  ]
  return rows.map(line).join('\n')
}

/** One line for each scenario. */
export const showTable = (
  all: readonly (readonly [name: string, outcome: FailoverOutcome, problems: number])[],
): string => {
  const head = [
    'scenario',
    'acknowledged',
    'lost',
    'doubled',
    'reordered',
    'made again',
    'failed calls',
    'gap ms',
    'longest call',
    '',
  ]
  const rows = all.map(([name, { report }, problems]) => [
    name,
    report.appended,
    report.lostAppends,
    report.findings.doubled,
    report.findings.reordered,
    report.healed,
    Object.values(report.errors).reduce((sum, count) => sum + count, 0),
    Math.max(...Object.values(report.gaps).map(({ ms }) => ms)),
    report.longestCall,
    problems === 0 ? 'as promised' : `${problems} PROBLEMS`,
  ])
  return [head, ...rows]
    .map(([name, ...cells]) => `${String(name).padEnd(20)}${cells.map((cell) => String(cell).padStart(14)).join('')}`)
    .join('\n')
}
