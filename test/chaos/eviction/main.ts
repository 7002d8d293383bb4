// A server that is full, or not what it was:
// node --import ./test/support/typescript-loader.mjs test/chaos/eviction/main.ts --sessions 500
// Every session that was acknowledged is complete, or said to be lost. Exits with 1 when one is not.
import { parseArgs } from 'node:util'
import { conclude } from '../conclude.js'
import type { ScenarioRow } from './scenario.interface.js'
import { evictionScenarios, scenarioProblems } from './scenarios.js'

const { values } = parseArgs({ options: { sessions: { type: 'string', default: '500' } } })
const sessions = Number(values.sessions)
if (!(sessions >= 50)) throw new Error('--sessions takes a number from 50')

const COLUMNS = ['sessions', 'evicted', 'complete', 'lost', 'silent'] as const
const cells = (row: ScenarioRow): (number | string)[] => [
  row.sessions,
  row.oom ? 'OOM' : row.evicted,
  row.complete,
  Object.entries(row.lost)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ') || 0,
  row.silent,
]
const line = (name: string, columns: readonly (number | string)[]): string =>
  name.padEnd(42) + columns.map((value, index) => String(value).padStart(index === 3 ? 30 : 10)).join('')

console.log(line('', COLUMNS))
const problems: string[] = []
for (const scenario of evictionScenarios) {
  const row = await scenario({ sessions })
  console.log(line(row.name, cells(row)))
  problems.push(...scenarioProblems(row))
}
conclude(problems.slice(0, 30))
