// `npm run topologies`: the integration and property suites on one server, on a cluster and behind Sentinels. Prints what ran.
//
//   npm run topologies -- [standalone|cluster|sentinel …] [--version 7 …] [--part <pattern>] [--workers <n>] [--json <folder>]
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const TOPOLOGIES = ['standalone', 'cluster', 'sentinel']
/** What is about the servers of the test kit itself is the same whatever the others run on. */
const ANYWHERE = 'test/(integration/(?!testing/)|property/)'
const TIMEOUT_MS = 900_000

const root = fileURLToPath(new URL('../', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string', multiple: true, default: [''] },
    part: { type: 'string', default: ANYWHERE },
    workers: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
})
const unknown = positionals.find((given) => !TOPOLOGIES.includes(given))
if (unknown !== undefined) {
  console.error(`"${unknown}" is no topology: there are ${TOPOLOGIES.join(', ')}`)
  process.exit(1)
}
const topologies = positionals.length > 0 ? positionals : TOPOLOGIES
const scratch = mkdtempSync(join(tmpdir(), 'agent-memory-topologies-'))
const folder = values.json ?? scratch
mkdirSync(folder, { recursive: true })
let running
/** With Jest and its workers, which npm leaves behind when it is ended. */
const endRunning = () => {
  try {
    if (running?.exitCode === null) process.kill(-running.pid)
  } catch {
    // It has ended meanwhile.
  }
}
process.on('exit', () => {
  endRunning()
  rmSync(scratch, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** `session` of test/integration/session/append.spec.ts. */
const groupOf = (file) => {
  const [, kind, group = ''] = relative(root, file).split(sep)
  return kind === 'integration' ? group : kind
}

const runJest = (topology, version, output) =>
  new Promise((resolve) => {
    const jest = ['run', '-s', 'jest', '--', '--config', 'jest.json', `--maxWorkers=${values.workers}`]
    running = spawn('npm', [...jest, '--testPathPatterns', values.part, '--json', `--outputFile=${output}`], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      // A group of processes, to be ended as one.
      detached: true,
      env: {
        ...process.env,
        AGENT_MEMORY_TEST_TOPOLOGY: topology,
        ...(version !== '' && { AGENT_MEMORY_TEST_REDIS_VERSION: version }),
      },
    })
    const timer = setTimeout(endRunning, TIMEOUT_MS)
    running.on('close', (code) => {
      clearTimeout(timer)
      resolve(code)
    })
  })

const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults
  } catch {
    return []
  }
}

/** Counts for each group; a suite that does not load is a failure. */
const count = (suites) => {
  const groups = new Map()
  for (const { name, status, assertionResults } of suites) {
    const group = groupOf(name)
    const counts = groups.get(group) ?? { passed: 0, failed: 0, skipped: 0 }
    groups.set(group, counts)
    for (const { status: how } of assertionResults) counts[how === 'pending' ? 'skipped' : how] += 1
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) counts.failed += 1
  }
  return groups
}

/** The suites that say in their name why they are skipped. */
const skippedSuites = (suites) =>
  new Set(
    suites.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ ancestorTitles }) => ancestorTitles.filter((title) => title.includes(' [skipped, '))),
    ),
  )

const rows = []
const skipped = new Map()
let wrong = 0
for (const version of values.version)
  for (const topology of topologies) {
    const name = version === '' ? topology : `${topology} ${version}`
    console.error(`\n=== ${name}`)
    const output = join(folder, `${name.replace(' ', '-')}.json`)
    const started = performance.now()
    const code = await runJest(topology, version, output)
    const seconds = (performance.now() - started) / 1_000
    const suites = read(output)
    const groups = count(suites)
    const failed = [...groups.values()].reduce((sum, counts) => sum + counts.failed, 0)
    const passed = [...groups.values()].reduce((sum, counts) => sum + counts.passed, 0)
    // A run that broke off, or in which nothing ran, has no counts that would say so.
    if ((code !== 0 && failed === 0) || passed === 0) wrong += 1
    rows.push({ name, groups, seconds })
    skipped.set(name, skippedSuites(suites))
  }

const GROUPS = [...new Set(rows.flatMap(({ groups }) => [...groups.keys()]))].toSorted((a, b) => a.localeCompare(b))
const NONE = { passed: 0, failed: 0, skipped: 0 }
const sumOf = (groups) => {
  const all = { ...NONE }
  for (const counts of groups.values()) for (const how of Object.keys(all)) all[how] += counts[how]
  return all
}
const cell = ({ passed, failed, skipped: left }) => `${passed} / ${failed} / ${left}`
const table = [
  ['passed / failed / skipped', ...rows.map(({ name }) => name)],
  ...GROUPS.map((group) => [group, ...rows.map(({ groups }) => cell(groups.get(group) ?? NONE))]),
  ['all of it', ...rows.map(({ groups }) => cell(sumOf(groups)))],
  ['seconds', ...rows.map(({ seconds }) => seconds.toFixed(1))],
]
const width = (column) => Math.max(...table.map((cells) => cells[column].length))
console.log()
for (const cells of table)
  console.log(
    cells
      .map((text, column) => text.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  )
for (const [name, suites] of skipped) {
  if (suites.size === 0) continue
  console.log(`\nNot on ${name}:`)
  for (const suite of suites) console.log(`  ${suite}`)
}

const total = rows.map(({ groups }) => sumOf(groups))
const sum = (how) => total.reduce((all, counts) => all + counts[how], 0)
const failures = sum('failed') + wrong
console.log(`\n${sum('passed')} passed, ${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1
