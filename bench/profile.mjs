// `node --cpu-prof bench/profile.mjs <row> [seconds]` after `npm run build`: makes the calls of one row in this process.
import { RealRedis } from 'nestjs-agent-memory/testing'
import { ROWS } from './rows.mjs'
import { serverCpu } from './run/server-cpu.mjs'
import { Task } from './run/task.mjs'
import { timeSlice } from './run/timing.mjs'
import { targetNamed } from './targets.mjs'

const BUDGET = 500
const [, , name, seconds = '5'] = process.argv
const row = ROWS.find((found) => found.name === name)
if (row?.kind !== 'calls') throw new Error(`no such row: ${name}; npm run bench -- --list has them`)

const redis = await RealRedis.start({ backend: 'binary' })
const { open } = await import(targetNamed(row.target).module)
const memory = await open({ url: redis.url })
try {
  const client = redis.client()
  const task = new Task(memory, row)
  const end = performance.now() + Number(seconds) * 1_000
  while (performance.now() < end) {
    await task.refresh()
    const before = await serverCpu(client)
    const { calls, microseconds, clientCpu } = await timeSlice(task, row.callers, BUDGET, 100)
    const server = ((await serverCpu(client)) - before) / calls
    await task.check()
    const figures = { microseconds, clientCpu, serverCpu: server }
    const texts = Object.entries(figures).map(([what, value]) => `${what} ${value.toFixed(1)}`)
    console.log(`${calls} calls: ${texts.join(', ')}`)
  }
} finally {
  await memory.close()
  await redis.stop()
}
