import { failedChecks, type Check } from '../failed-checks.js'
import type { JournalKillsOptions, JournalKillsOutcome } from './run-journal-kills.js'

/** What is not as promised; nothing when it holds. */
export const journalKillsProblems = (options: JournalKillsOptions, outcome: JournalKillsOutcome): string[] => {
  const { report, recorder, kills, drained } = outcome
  const checks: readonly Check[] = [
    [kills.all !== options.kills, `${kills.all} kills, not ${options.kills}`],
    [kills.journaling === 0, 'no process was killed while it journaled'],
    [kills.replay === 0, 'no process was killed while it replayed'],
    [recorder.answered.redis === 0 || recorder.answered.journal === 0, 'not every kind of answer was given'],
    [drained.entries !== 0, `${drained.entries} writes are left in the journal`],
    [
      drained.aside !== 0 || recorder.aside.length > 0,
      `writes were set aside: ${recorder.aside.slice(0, 5).join(', ')}`,
    ],
    [!report.clean, `the history is not clean\n${report.toString()}`],
  ]
  return failedChecks(checks)
}

/** Everything that was counted, as a table. */
export const showJournalKills = ({
  report,
  recorder,
  kills,
  found,
  again,
  drained,
  network,
}: JournalKillsOutcome): string => {
  const rows: readonly (readonly [string, number])[] = [
    ['kills', kills.all],
    ['  while writes were journaled', kills.journaling],
    ['  while the journal was replayed', kills.replay],
    ['journals opened with writes in them', found.filter((count) => count > 0).length],
    ['  the most', Math.max(...found)],
    ['answered: stored in Redis', recorder.answered.redis],
    ['answered: stored in the journal', recorder.answered.journal],
    ...[...recorder.failed].map(([name, count]) => [`failed: ${name}`, count] as const),
    ['under way when killed', recorder.killed],
    ['  repeated by the next process', again],
    ['replayed', recorder.replayed],
    ['set aside', recorder.aside.length],
    ['left in the journal', drained.entries],
    ['connections cut or refused', network.cut + network.refused],
    ['replies dropped', network.droppedReplies],
  ]
  const table = rows.map(([name, count]) => `${name.padEnd(42)}${String(count).padStart(10)}`)
  return [...table, '', 'History', report.toString()].join('\n')
}
