import { failedChecks, type Check } from '../failed-checks.js'
import type { ModulesOutcome } from './cycle-modules.js'
import type { Resources } from './resources.js'

const MB = 1024 * 1024
/** What a module may leave behind it: nothing, but for what the engine keeps of code it has run. */
const HEAP_LEFT = 10 * MB

const mb = (bytes: number): string => (bytes / MB).toFixed(1)

const handlesOf = ({ handles }: Resources): string =>
  Object.entries(handles)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')

/** What is not as it was; nothing when it holds. */
export const modulesProblems = ({ before, after, modules, made }: ModulesOutcome): string[] => {
  const count = Object.values(made).reduce((sum, number) => sum + number, 0)
  const checks: readonly Check[] = [
    [count !== modules, `${count} modules, not ${modules}`],
    [
      after.connectedClients !== before.connectedClients,
      `${after.connectedClients} connections, not ${before.connectedClients}`,
    ],
    [handlesOf(after) !== handlesOf(before), `handles: ${handlesOf(after)}; not: ${handlesOf(before)}`],
    [(after.files ?? 0) > (before.files ?? 0), `${after.files} open files, not ${before.files}`],
    [after.heap - before.heap > HEAP_LEFT, `the heap has grown by ${mb(after.heap - before.heap)} MB`],
  ]
  return failedChecks(checks)
}

const line = (name: string, ...values: (string | number)[]): string =>
  name.padEnd(42) + values.map((value) => String(value).padStart(10)).join('')

/** Everything that was measured, as a table. */
export const showModules = ({ before, after, made, heaps }: ModulesOutcome): string => {
  const kinds = [...new Set([...Object.keys(before.handles), ...Object.keys(after.handles)])]
  return [
    ...Object.entries(made).map(([name, count]) => line(name, count)),
    '',
    line('', 'before', 'after'),
    line('connected_clients', before.connectedClients, after.connectedClients),
    ...kinds.map((kind) => line(`handles: ${kind}`, before.handles[kind] ?? 0, after.handles[kind] ?? 0)),
    line('open files', before.files ?? '-', after.files ?? '-'),
    line('heap, MB', mb(before.heap), mb(after.heap)),
    line('  after each tenth, MB', ...heaps.map(mb)),
  ].join('\n')
}
