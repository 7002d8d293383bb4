// Chaos run: node --import ./test/support/typescript-loader.mjs test/chaos/main.ts --seconds 60 --seed 42 --memory ours
// Exits with 1 when anything is not as promised. With --json the last line is what was counted, for programs.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { conclude } from './conclude.js'
import { runChaos, type ChaosOptions } from './run-chaos.js'
import { showOutcome } from './show-outcome.js'
import { shortcomings } from './verdict.js'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    memory: { type: 'string', default: 'ours' },
    json: { type: 'boolean', default: false },
  },
})

const optionsOf = ({ seconds, seed, memory }: typeof values): ChaosOptions => {
  if (memory !== 'ours' && memory !== 'thin') throw new Error('--memory takes ours or thin')
  if (!(Number(seconds) >= 1) || !Number.isSafeInteger(Number(seed)))
    throw new Error('--seconds takes a number from 1, --seed a whole number')
  return { memory, seconds: Number(seconds), seed: Number(seed) }
}

const options = optionsOf(values)
console.log(`chaos: ${options.seconds} s, --memory ${options.memory} --seed ${options.seed}`)
const outcome = await runChaos(options)
const short = shortcomings(options, outcome)
console.log(showOutcome(outcome))
conclude(short)
if (values.json) {
  const { report, faults, log } = outcome
  console.log(JSON.stringify({ short, report, appended: log.appended, injected: faults.injected }))
}
