// `npm run bench [-- --quick] [--row <name>…] [--list] [--rounds <n>] [--write-docs]`: see bench/README.md.
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { RealRedis, RealRedisCluster } from 'nestjs-agent-memory/testing'
import { heap } from './cost/heap.mjs'
import { importTime } from './cost/import-time.mjs'
import { installSize } from './cost/install-size.mjs'
import { sessionBytes } from './cost/session-bytes.mjs'
import { HttpDriver } from './http/http-driver.mjs'
import { redisBenchmark } from './limit/redis-benchmark.mjs'
import { installPeers } from './peers/install.mjs'
import { writeDocs } from './report/docs.mjs'
import { writeResults } from './report/json.mjs'
import { picture } from './report/svg.mjs'
import { costTable, rowTables, verdictTable } from './report/tables.mjs'
import { printTables } from './report/terminal.mjs'
import { matches, ROWS } from './rows.mjs'
import { CallDriver } from './run/call-driver.mjs'
import { openProgress } from './run/progress.mjs'
import { measureRounds } from './run/rounds.mjs'
import { summarize } from './run/summarize.mjs'
import { TARGETS, targetNamed } from './targets.mjs'
import { verdictsOf } from './verdicts.mjs'

/** `budget` of a slice in ms; `scale` of what is measured once. */
const FULL = { rounds: 9, budget: 200, scale: 1 }
const QUICK = { rounds: 3, budget: 40, scale: 0.2 }
/** Databases of the server that are no target's. */
const [HTTP_DATABASE, COST_DATABASE] = [TARGETS.length, TARGETS.length + 1]

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
})

const saidOf = (name, { reason, isWrong }) => `${isWrong ? 'WRONG' : 'left out'}: ${name}: ${reason}`

/** What fails the run: something that is not true, or what should run and does not. Never that something took long. */
const isFailure = ({ target, failed }) =>
  failed !== undefined && (failed.isWrong || (targetNamed(target)?.kind !== 'peer' && !failed.isLate))

const chosenRows = () => {
  if (given.row.length > 0) {
    const rows = ROWS.filter((row) => matches(row, given.row))
    if (rows.length === 0) throw new Error(`no row is named ${given.row.join(', ')}: --list has their names`)
    return rows
  }
  return given.quick ? ROWS.filter(({ isQuick }) => isQuick) : ROWS
}

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

const measureCosts = async (rows, terms, progress) => {
  const costs = {}
  for (const { name } of rows) {
    if (stop.signal.aborted) break
    progress.begin(name, 1)
    costs[name] = await COSTS[name](terms)
  }
  progress.end()
  return costs
}

/** Those that can be measured here; the others are left out by name. */
const withPeers = async (rows, progress) => {
  const peers = [...new Set(rows.map(({ target }) => target))].filter((name) => targetNamed(name)?.kind === 'peer')
  if (peers.length === 0) return rows
  progress.begin('the packages of the peers', 1)
  const why = await installPeers()
  if (why === undefined) return rows
  progress.say(`left out: ${peers.join(', ')}: their packages cannot be installed: ${why}`)
  return rows.filter(({ target }) => !peers.includes(target))
}

const run = async () => {
  const { rounds, ...sizes } = given.quick ? QUICK : FULL
  const terms = { rounds: given.rounds === undefined ? rounds : Number(given.rounds), ...sizes }
  if (!Number.isInteger(terms.rounds) || terms.rounds < 1) throw new Error('--rounds: a whole number above 0')
  const progress = openProgress()
  const rows = await withPeers(chosenRows(), progress)
  const drivers = await openDrivers(rows)
  try {
    const measured = rows.filter(({ kind }) => kind !== 'cost')
    const driverOf = (row) => drivers.of(row)
    const results = await measureRounds(measured, { ...terms, driverOf, signal: stop.signal, progress })
    const notes = drivers.notes()
    await drivers.closeTargets()
    const costRows = rows.filter(({ kind }) => kind === 'cost')
    const costs = await measureCosts(costRows, { url: drivers.costUrl, ...terms }, progress)
    const { version } = drivers
    return { results, costs, notes, version, terms }
  } finally {
    await drivers.close()
  }
}

const report = async ({ results, costs, notes, version, terms }) => {
  const summaries = [...results.values()].map((result) => summarize(result))
  const all = verdictsOf(results, costs)
  // Of rows that were chosen by name, what they do not concern is not spoken of.
  const verdicts = given.row.length === 0 ? all : all.filter(({ value }) => value !== undefined)
  const tables = [...rowTables(summaries), costTable(costs, summaries), verdictTable(verdicts)].filter(
    ({ rows }) => rows.length > 1,
  )
  const date = new Date()
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version, redis: version }
  const about = `Redis ${version}, Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${terms.rounds} rounds.`
  console.log(`\n${about}`)
  const failures = summaries.flatMap(({ name, failed }) => (failed === undefined ? [] : [saidOf(name, failed)]))
  const remarks = [...notes, ...failures]
  for (const remark of remarks) console.log(remark)
  printTables(tables)
  const path = await writeResults({ date, machine, terms, notes, rows: summaries, costs, verdicts })
  console.log(`\n${path}`)
  if (given['write-docs']) await writeDocs({ tables, about: [about, ...remarks], svg: picture(summaries, about) })
  if (summaries.some((row) => isFailure(row))) process.exitCode = 1
}

/** What was interrupted says nothing. */
const reportOf = async (found) => {
  if (!stop.signal.aborted) return report(found)
  console.log('interrupted: nothing was written')
  process.exitCode = 130
  return undefined
}

if (given.list) for (const { name, isQuick } of ROWS) console.log(`${name}${isQuick ? '  (quick)' : ''}`)
else await reportOf(await run())
