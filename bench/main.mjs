// `npm run bench [-- --quick] [--row <name>…] [--list] [--rounds <n>] [--write-docs]`: see bench/README.md.
import { availableParallelism, cpus } from 'node:os'
import { RealRedis, RealRedisCluster } from 'nestjs-agent-memory/testing'
import { readArguments, UsageError } from './arguments.mjs'
import { heap } from './cost/heap.mjs'
import { importTime } from './cost/import-time.mjs'
import { installSize } from './cost/install-size.mjs'
import { sessionBytes } from './cost/session-bytes.mjs'
import { HttpDriver } from './http/http-driver.mjs'
import { redisBenchmark } from './limit/redis-benchmark.mjs'
import { installedVersions, installPeers } from './peers/install.mjs'
import { writeDocs } from './report/docs.mjs'
import { writeResults } from './report/json.mjs'
import { picture } from './report/svg.mjs'
import { costTable, rowTables, verdictTable } from './report/tables.mjs'
import { printTables } from './report/terminal.mjs'
import { ROWS } from './rows.mjs'
import { CallDriver } from './run/call-driver.mjs'
import { failsRun, failureOf, saidOf } from './run/failure.mjs'
import { openProgress } from './run/progress.mjs'
import { measureRounds } from './run/rounds.mjs'
import { summarize } from './run/summarize.mjs'
import { TARGETS, targetNamed } from './targets.mjs'
import { verdictsOf } from './verdicts.mjs'

/** `budget` of a slice in ms; `scale` of what is measured once; `within` how many ms the rounds end, even if there were fewer. */
const FULL = { rounds: 9, budget: 200, scale: 1, within: 720_000 }
const QUICK = { rounds: 3, budget: 40, scale: 0.2, within: 240_000 }
/** Databases of the server that are no target's. */
const [HTTP_DATABASE, COST_DATABASE] = [TARGETS.length, TARGETS.length + 1]

const stop = new AbortController()
process.on('SIGINT', () => stop.abort())
process.on('SIGTERM', () => stop.abort())

/** The servers that the rows need, and what makes their calls. */
const openDrivers = async (rows) => {
  const redis = await RealRedis.start({ backend: 'binary', args: ['--databases', '32', '--save', ''] })
  const needsCluster = rows.some(({ target }) => targetNamed(target)?.onCluster === true)
  const cluster = needsCluster ? await RealRedisCluster.start({ replicas: 0, backend: 'binary' }) : undefined
  const client = redis.client()
  const urlOf = (database) => `${redis.url}/${database}`
  const drivers = new Map()
  const make = ({ kind, target: name }) => {
    if (kind === 'http') return new HttpDriver(name, { url: urlOf(HTTP_DATABASE) })
    const target = targetNamed(name)
    if (target.onCluster === true) return new CallDriver(target, { nodes: cluster.seeds })
    return new CallDriver(target, { url: urlOf(TARGETS.indexOf(target)) }, client)
  }
  return {
    version: redis.version,
    costUrl: urlOf(COST_DATABASE),
    of(row) {
      let driver = drivers.get(row.target)
      if (driver === undefined) drivers.set(row.target, (driver = make(row)))
      return driver
    },
    notes: () => [...drivers.values()].flatMap(({ note }) => note ?? []),
    async closeTargets() {
      await Promise.all([...drivers.values()].map((driver) => driver.close()))
    },
    async close() {
      await this.closeTargets()
      await cluster?.stop()
      await redis.stop()
    },
  }
}

const COSTS = {
  'session-bytes': sessionBytes,
  heap,
  'import-time': importTime,
  'install-size': installSize,
  'redis-benchmark': redisBenchmark,
}

/** @returns what was found of each row, and the rows that came to nothing */
const measureCosts = async (rows, terms, progress) => {
  const costs = {}
  const failures = []
  for (const row of rows) {
    if (stop.signal.aborted) break
    progress.begin(row.name, 1)
    try {
      costs[row.name] = await COSTS[row.name](terms)
    } catch (error) {
      const failed = failureOf(error)
      progress.failed(row, failed)
      failures.push({ ...row, failed })
    }
  }
  progress.end()
  return { costs, failures }
}

const needsPackages = ({ target: name }) => {
  const target = targetNamed(name)
  return target?.kind === 'peer' && target.isHandWritten !== true
}

/** Those that can be measured here; the others are left out by name. */
const withPeers = async (rows, progress) => {
  const peers = [...new Set(rows.filter((row) => needsPackages(row)).map(({ target }) => target))]
  if (peers.length === 0) return { rows, peers: {}, remarks: [] }
  progress.begin('the packages of the peers', 1)
  const why = await installPeers()
  if (why === undefined) return { rows, peers: await installedVersions(), remarks: [] }
  const remark = `left out: ${peers.join(', ')}: their packages cannot be installed: ${why}`
  progress.say(remark)
  return { rows: rows.filter((row) => !needsPackages(row)), peers: {}, remarks: [remark] }
}

const run = async ({ isQuick, rounds, rows: chosen }) => {
  const sizes = isQuick ? QUICK : FULL
  const terms = { ...sizes, rounds: rounds ?? sizes.rounds }
  const progress = openProgress()
  const { rows, peers, remarks } = await withPeers(chosen, progress)
  const drivers = await openDrivers(rows)
  try {
    const measured = rows.filter(({ kind }) => kind !== 'cost')
    const driverOf = (row) => drivers.of(row)
    const results = await measureRounds(measured, { ...terms, driverOf, signal: stop.signal, progress })
    const notes = [...remarks, ...drivers.notes()]
    await drivers.closeTargets()
    const costRows = rows.filter(({ kind }) => kind === 'cost')
    const costs = await measureCosts(costRows, { url: drivers.costUrl, ...terms }, progress)
    const { version } = drivers
    return { results, ...costs, notes, peers, version, terms }
  } finally {
    await drivers.close()
  }
}

const namesOf = (versions) =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')

const report = async ({ isByName, writesDocs }, { results, costs, failures, notes, peers, version, terms }) => {
  const summaries = [...results.values()].map((result) => summarize(result))
  const all = verdictsOf(results, costs)
  // Of rows that were chosen by name, what they do not concern is not spoken of.
  const verdicts = isByName ? all.filter(({ value }) => value !== undefined) : all
  const tables = [...rowTables(summaries), costTable(costs, summaries), verdictTable(verdicts)].filter(
    ({ rows }) => rows.length > 1,
  )
  const date = new Date()
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version, redis: version }
  const done = Math.max(0, ...summaries.map(({ rounds = 0 }) => rounds))
  const rounds = summaries.length === 0 || done === terms.rounds ? `${terms.rounds}` : `${done} of ${terms.rounds}`
  const about = `Redis ${version}, Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${rounds} rounds.`
  const failed = [...summaries, ...failures].filter((row) => row.failed !== undefined)
  const others = Object.keys(peers).length === 0 ? [] : [`Beside it: ${namesOf(peers)}.`]
  const lines = [about, ...others, ...notes, ...failed.map((row) => saidOf(row))]
  console.log(`\n${lines.join('\n')}`)
  printTables(tables)
  const path = await writeResults({
    date,
    machine,
    peers,
    terms,
    notes,
    rows: [...summaries, ...failures],
    costs,
    verdicts,
  })
  console.log(`\n${path}`)
  if (writesDocs) await writeDocs({ tables, about: lines, svg: picture(summaries, about) })
  if (failed.some((row) => failsRun(row))) process.exitCode = 1
}

/** What was interrupted says nothing. */
const reportOf = async (given, found) => {
  if (!stop.signal.aborted) return report(given, found)
  console.log('interrupted: nothing was written')
  process.exitCode = 130
  return undefined
}

try {
  const given = readArguments(process.argv.slice(2), ROWS)
  if (given.isList) for (const { name, isQuick } of ROWS) console.log(`${name}${isQuick ? '  (quick)' : ''}`)
  else await reportOf(given, await run(given))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
