import type { ChaosOutcome } from './run-chaos.js'

type Row = readonly [name: string, value: string | number]

const section = (title: string, rows: readonly Row[]): string[] => [
  '',
  title,
  ...rows.map(([name, value]) => `  ${name.padEnd(40)}${String(value).padStart(10)}`),
]

const sorted = (counts: Iterable<Row>): Row[] => [...counts].toSorted(([left], [right]) => left.localeCompare(right))

/** Everything that was counted, as a table. */
export const showOutcome = (outcome: ChaosOutcome): string => {
  const { report, faults, log, network, server, unhandled, heapMb, keys } = outcome
  return [
    ...section('Faults', [
      ...sorted(faults.done),
      ['all', faults.injected],
      ['left out, another one still under way', faults.skipped],
    ]),
    ...section('What the proxy did', Object.entries(network) as [string, number][]),
    ...section('What the server refused', sorted(server.counts)),
    ...section('What calls failed with (code/executed)', sorted(log.errors)),
    ...section('Run', [
      ['acknowledged appends', log.appended],
      ['longest call, ms', Math.round(log.longestMs)],
      ['greatest heap after collection, MB', Math.round(heapMb)],
      ['unhandled rejections', unhandled.length],
      ['keys, none without a TTL', typeof keys === 'number' ? keys : 'NO'],
    ]),
    '',
    'History',
    ...report
      .toString()
      .split('\n')
      .map((line) => `  ${line}`),
    ...faults.failed.map((failure) => `a fault could not be made: ${failure}`),
    ...unhandled.map((reason) => `unhandled: ${reason}`),
  ].join('\n')
}
