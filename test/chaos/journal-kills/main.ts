// kill -9 of an application with a journal, again and again:
// node --import ./test/support/typescript-loader.mjs test/chaos/journal-kills/main.ts --kills 50 --seed 42
// Exits with 1 when a write that was answered is not in Redis exactly once, in its order.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { conclude } from '../conclude.js'
import { runJournalKills } from './run-journal-kills.js'
import { journalKillsProblems, showJournalKills } from './show-journal-kills.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})
const options = { kills: Number(values.kills), seed: Number(values.seed) }
if (!(options.kills >= 1) || !Number.isSafeInteger(options.seed))
  throw new Error('--kills takes a number from 1, --seed a whole number')
console.log(`journal kills: --kills ${options.kills} --seed ${options.seed}`)

const redis = await RealRedis.start({ backend: 'binary' })
try {
  const outcome = await runJournalKills(redis, options)
  const problems = journalKillsProblems(options, outcome)
  console.log(showJournalKills(outcome))
  conclude(problems)
} finally {
  await redis.stop()
}
