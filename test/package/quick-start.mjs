import assert from 'node:assert/strict'
import { attempt } from './command.mjs'
import { readBlocks } from './markdown.mjs'

const RUN_TIMEOUT_MS = 20_000
/** From the last line it prints, which it does before app.close(), to its end. */
const EXIT_TIMEOUT_MS = 2_000

/** The first block under the heading "Quick start", and the one after it, which is what the first prints. */
export const readQuickStart = (readme) => {
  const [{ language, code }, { code: prints }] = readBlocks(readme, '## Quick start')
  assert.equal(language, 'ts', 'the quick start comes first')
  assert.match(code, /await app\.close\(\)/u, 'the quick start closes its application')
  return { code, prints }
}

/** Runs the compiled quick start in an application that has the package installed. */
export const runQuickStart = async ({ app, prints, redisUrl }) => {
  const { exitMs, ...outcome } = await attempt(process.execPath, ['main.js'], {
    cwd: app,
    env: { REDIS_URL: redisUrl, NODE_ENV: undefined, NODE_OPTIONS: undefined, FORCE_COLOR: undefined },
    timeout: RUN_TIMEOUT_MS,
  })
  assert.deepEqual(outcome, { code: 0, stdout: prints, stderr: '' })
  assert(exitMs < EXIT_TIMEOUT_MS, `it ended ${Math.round(exitMs)} ms after its last line`)
  return `gone ${Math.round(exitMs)} ms after its last line`
}
