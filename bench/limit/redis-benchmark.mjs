import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const BYTES = 260

const setsPerSecond = async ({ hostname, port }, callers, pipelined, requests) => {
  const where = ['-h', hostname, '-p', port, '-c', String(callers), '-P', String(pipelined)]
  const what = ['-n', String(requests), '-d', String(BYTES), '-r', '100000', '-t', 'set', '--csv']
  const { stdout } = await run('redis-benchmark', [...where, ...what], { timeout: 60_000 })
  const line = stdout.split('\n').find((found) => found.startsWith('"SET"'))
  return Number(line.split(',')[1].replaceAll('"', ''))
}

/** What the server alone can do: SET of as many bytes as a message has, one by one and 64 at once. `undefined` without the binary. */
export const redisBenchmark = async ({ url, scale }) => {
  try {
    return {
      oneByOne: await setsPerSecond(new URL(url), 64, 1, 200_000 * scale),
      pipelined: await setsPerSecond(new URL(url), 64, 64, 1_000_000 * scale),
    }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
