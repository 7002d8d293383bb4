import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from '../statistics.mjs'
import { middleHalf } from '../run/summarize.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

const SOURCE = `
await import('@nestjs/common')
await import('ioredis')
const began = performance.now()
await import('nestjs-agent-memory')
console.log(performance.now() - began)
`

/** How long the import of the main entry takes when @nestjs/common and ioredis are there: fresh processes, in ms. */
export const importTime = async ({ rounds }) => {
  const times = []
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', SOURCE], {
      cwd: ROOT,
      timeout: 20_000,
    })
    times.push(Number(stdout))
  }
  return { beyond: median(times), spread: middleHalf(times) }
}
