import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const RUN_TIMEOUT_MS = 20_000
/** From the last line it prints, which it does before app.close(), to its end. */
const EXIT_TIMEOUT_MS = 2_000

/** The first ```ts block under the heading "Quick start". */
export const readQuickStart = (readme) => {
  const [, section] = /^#+ Quick start$([\s\S]*?)(?=^# |^## |(?![\s\S]))/mu.exec(readFileSync(readme, 'utf8')) ?? []
  assert(section, `${readme} has no heading "Quick start"`)
  const [, code] = /^```ts\n([\s\S]*?)^```$/mu.exec(section) ?? []
  assert(code, `${readme} has no \`\`\`ts block under "Quick start"`)
  assert.match(code, /await app\.close\(\)/u, 'the quick start closes its application')
  return code
}

/** The texts which the quick start appends, and so has to print. */
const contentsOf = (code) => [...code.matchAll(/content: '([^'\n]+)'/gu)].map(([, text]) => text)

/** Runs the compiled quick start in an application that has the package installed. */
export const runQuickStart = async ({ attempt, app, code, redisUrl }) => {
  const { exitMs, stdout, stderr, ...rest } = await attempt(process.execPath, ['main.js'], {
    cwd: app,
    env: { REDIS_URL: redisUrl, NODE_ENV: undefined, NODE_OPTIONS: undefined },
    timeout: RUN_TIMEOUT_MS,
  })
  assert.deepEqual({ ...rest, stderr }, { code: 0, stderr: '' }, `it printed:\n${stdout}${stderr}`)
  const contents = contentsOf(code)
  assert(contents.length > 0, 'the quick start appends messages')
  for (const content of contents)
    assert(stdout.includes(content), `"${content}" is missing in what it printed:\n${stdout}`)
  assert(exitMs < EXIT_TIMEOUT_MS, `it ended ${Math.round(exitMs)} ms after its last line`)
  return `gone ${Math.round(exitMs)} ms after its last line`
}
