// Failovers: npm run failover -- [scenario…] [--seconds 60] [--writers 8] [--seed 42] [--without-healing] [--list]
// Applications write to sessions of a cluster, or of a master that Sentinels watch, while servers are killed, stopped, cut off
// and replaced. Exits with 1 when anything is not as promised.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { conclude } from '../conclude.js'
import { runScenario, type FailoverOptions, type FailoverOutcome } from './run-scenario.js'
import type { Scenario } from './scenario.interface.js'
import { scenarios } from './scenarios.js'
import { failoverProblems, showFailover, showTable } from './show-failover.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    writers: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    'without-healing': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

const readOptions = (): FailoverOptions => {
  const [seconds, writers, seed] = [Number(values.seconds), Number(values.writers), Number(values.seed)]
  if (!(seconds >= 1) || !(Number.isSafeInteger(writers) && writers >= 2) || !Number.isSafeInteger(seed))
    throw new Error('--seconds takes a number from 1, --writers a whole number from 2, --seed a whole number')
  return { seconds, writers, seed, healing: !values['without-healing'] }
}

/** Those that are named, or whose names begin so. */
const chosen = (): readonly Scenario[] => {
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name.startsWith(name)))
  if (unknown.length > 0) throw new Error(`no scenario is named ${unknown.join(', ')}; --list shows them`)
  if (positionals.length === 0) return scenarios
  return scenarios.filter((scenario) => positionals.some((name) => scenario.name.startsWith(name)))
}

const runAll = async (options: FailoverOptions): Promise<void> => {
  const all: [string, FailoverOutcome, number][] = []
  const problems: string[] = []
  for (const scenario of chosen()) {
    console.log(`\n${scenario.name}: ${scenario.title}`)
    const outcome = await runScenario(scenario, options)
    const found = failoverProblems(scenario, options, outcome)
    console.log(showFailover(outcome))
    if (found.length > 0) console.log(outcome.report.history)
    all.push([scenario.name, outcome, found.length])
    problems.push(...found.map((problem) => `${scenario.name}: ${problem}`))
  }
  console.log(`\n${showTable(all)}`)
  conclude(problems)
}

if (values.list) for (const { name, title } of scenarios) console.log(`${name.padEnd(20)}${title}`)
else {
  const options = readOptions()
  console.log(`failover: ${options.seconds} s each, ${options.writers} writers, --seed ${options.seed}`)
  await runAll(options)
}
