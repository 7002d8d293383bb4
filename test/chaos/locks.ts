// npm run locks -- --seconds 60 [--processes 16] [--unfenced]
// Many processes contend for the lock of one session, and holders are stopped (SIGSTOP) for longer than its ttl. Fails when
// writes of two holders got in between each other, or a process did not get the lock. With --unfenced, the control, writes
// carry no fence: then it fails unless they did.
import { parseArgs } from 'node:util'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { conclude } from './conclude.js'
import { failedChecks } from './failed-checks.js'
import { runLockContention, TTL } from './locks/run-lock-contention.js'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    processes: { type: 'string', default: '16' },
    unfenced: { type: 'boolean', default: false },
  },
})
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const spread = (numbers: readonly number[]): string => {
  const sorted = numbers.map(Math.round).toSorted((a, b) => a - b)
  return `min ${sorted[0]}, median ${sorted[Math.floor(sorted.length / 2)]}, max ${sorted.at(-1)}`
}
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const redis = await RealRedis.start()
try {
  const seconds = Number(values.seconds)
  const fenced = !values.unfenced
  const run = await runLockContention({ url: redis.url, processes: Number(values.processes), seconds, fenced })
  const { reports, history } = run
  const pauses = reports.flatMap((report) => report.pauses).filter((ms) => ms > TTL * 1_000)
  const unexpected = reports.flatMap((report) => report.unexpected)
  print(`${reports.length} processes, ${seconds} s, ttl ${TTL} s: ${history.length} messages`)
  for (const [process, { acquisitions, longestWait, refused, locksLost, pauses: own }] of reports.entries()) {
    print(
      `process ${process}: ${acquisitions} locks, longest wait ${Math.round(longestWait)} ms, ${own.length} pauses, ${locksLost} locks lost, ${refused} writes refused`,
    )
  }
  print(`locks per process: ${spread(reports.map(({ acquisitions }) => acquisitions))}`)
  print(`longest wait per process, ms: ${spread(reports.map(({ longestWait }) => longestWait))}`)
  print(`pauses of holders longer than the ttl: ${pauses.length}`)
  print(`locks lost: ${sum(reports.map(({ locksLost }) => locksLost))}`)
  print(`writes refused: ${sum(reports.map(({ refused }) => refused))}`)
  const starved = reports.filter(({ acquisitions }) => acquisitions === 0).length
  for (const [name, problems] of Object.entries({
    interleaved: run.interleavings,
    'lost or doubled': run.lostOrDoubled,
    unexpected,
  })) {
    print(`${name}: ${problems.length}`)
    for (const problem of problems.slice(0, 5)) print(`  ${problem}`)
  }
  print(`starved: ${starved}`)
  const held = run.interleavings.length === 0
  conclude(
    failedChecks([
      [!held && fenced, 'writes of two holders got in between each other'],
      [held && !fenced, 'no writes got in between each other, though they carried no fence'],
      [run.lostOrDoubled.length > 0, 'writes were lost or doubled'],
      [unexpected.length > 0, 'calls failed with what they should not fail with'],
      [starved > 0, `${starved} processes never got the lock`],
      [pauses.length === 0, 'no holder was stopped for longer than the ttl'],
    ]),
  )
} finally {
  await redis.stop()
}
