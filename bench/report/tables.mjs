import { titleOf } from '../rows.mjs'
import { wordOf } from '../run/failure.mjs'
import { range, short } from './format.mjs'

/** The tables of a run: a title, rows of texts with their head, and which columns are numbers. */

const rowCells = (row) => {
  const place = row.callers === undefined ? '' : `${row.history.toLocaleString('en')}`
  if (row.failed !== undefined) {
    return [titleOf(row), place, String(row.callers), wordOf(row), '', '', '', '']
  }
  const { microseconds, spread, perSecond, clientCpu, serverCpu } = row
  const times = [short(microseconds), range(spread), short(perSecond)]
  return [titleOf(row), place, String(row.callers), ...times, short(clientCpu), short(serverCpu)]
}

const HEAD = ['', 'messages', 'callers', 'µs a call', 'half of the rounds', 'calls/s', 'client CPU', 'server CPU']
const RIGHT = [1, 2, 3, 4, 5, 6, 7]

/** @param summaries of the rows, in the order of the matrix */
export const rowTables = (summaries) => {
  const operations = [...new Set(summaries.map(({ operation }) => operation))]
  return operations.map((operation) => ({
    title: operation,
    rows: [HEAD, ...summaries.filter((row) => row.operation === operation).map((row) => rowCells(row))],
    right: RIGHT,
  }))
}

const VERDICTS = { true: 'met', false: 'MISSED', undefined: 'not measured' }

export const verdictTable = (verdicts) => ({
  title: 'what must be reached',
  rows: [
    ['', 'must be', 'is', 'half of the rounds', 'the limit', ''],
    ...verdicts.map(({ what, bound, value, spread, limit, isMet }) => [
      what,
      bound,
      short(value),
      range(spread),
      limit === undefined ? '' : short(limit),
      VERDICTS[isMet],
    ]),
  ],
  right: [1, 2, 3, 4],
})

const kilobytes = (bytes) => `${short(bytes / 1_000)} kB`

const costLines = {
  'session-bytes': (found) => [
    ['a session of 50 messages of 200 characters, in Redis', `${found.bytes.toLocaleString('en')} bytes`],
    ['÷ the same with id and time as JSON text', short(found.ratio)],
    ['÷ role and content alone as JSON text', short(found.againstRoleAndContent)],
    ['one JSON text under one key, ÷ the same text', short(found.oneJsonText)],
  ],
  heap: ({ kibibytes, sessions }) => [
    [`heap of ${sessions.toLocaleString('en')} open sessions`, `${short(kibibytes)} KiB`],
  ],
  'import-time': ({ beyond }) => [['import beyond @nestjs/common and ioredis', `${short(beyond)} ms`]],
  'install-size': (found) => [
    ['the package, unpacked', kilobytes(found.package)],
    [`its ${found.count} dependencies`, kilobytes(found.dependencies)],
  ],
  'redis-benchmark': ({ oneByOne, pipelined }) => [
    ['redis-benchmark SET, 64 callers, one by one', `${short(oneByOne)} /s`],
    ['redis-benchmark SET, 64 callers, 64 at once', `${short(pipelined)} /s`],
  ],
}

/** What the two sides compute for a turn, when it is not they who wait. */
const cpuLines = (summaries) =>
  [
    ['turn/ours/100x64', 'a turn'],
    ['turn/raw/100x64', 'the same by the raw loop'],
  ].flatMap(([name, what]) => {
    const { clientCpu, serverCpu } = summaries.find((row) => row.name === name) ?? {}
    if (clientCpu === undefined) return []
    return [[`${what}, 64 callers: CPU of client and server`, `${short(clientCpu)} + ${short(serverCpu)} µs`]]
  })

export const costTable = (costs, summaries) => ({
  title: 'cost',
  rows: [
    ['', ''],
    ...cpuLines(summaries),
    ...Object.entries(costs).flatMap(([name, found]) => (found === undefined ? [] : costLines[name](found))),
  ],
  right: [1],
})
