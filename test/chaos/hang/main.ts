// A server that hangs: node --import ./test/support/typescript-loader.mjs test/chaos/hang/main.ts --seconds 30 --rate 2000
// Stops the server (SIGSTOP) under load. Exits with 1 when anything is not as promised.
import { parseArgs } from 'node:util'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { conclude } from '../conclude.js'
import { runHang } from './run-hang.js'
import { hangProblems, showHang } from './show-hang.js'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, rate: { type: 'string', default: '2000' } },
})
const options = { seconds: Number(values.seconds), rate: Number(values.rate) }
if (!(options.seconds >= 1) || !(options.rate >= 1)) throw new Error('--seconds and --rate take numbers from 1')

const redis = await RealRedis.start({ backend: 'binary' })
try {
  const outcome = await runHang(redis, options)
  const problems = hangProblems(options, outcome)
  console.log(showHang(outcome))
  conclude(problems.slice(0, 20))
} finally {
  await redis.stop()
}
