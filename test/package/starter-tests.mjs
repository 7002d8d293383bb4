import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.mjs'
import { readBlock } from './markdown.mjs'

const ENVIRONMENT = { AGENT_MEMORY_TEST_BACKEND: 'binary', NODE_OPTIONS: undefined, FORCE_COLOR: undefined }

const passed = (output) => {
  const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(output, 'utf8'))
  return { numPassedTests, numTotalTests }
}

/**
 * Runs the starter's tests, the one with the test kit among them, with the settings that the guide has under a heading, or with
 * the starter's own.
 *
 * @param {{ app: string, guide: string, heading?: string, node: string, options?: readonly string[] }} settings
 */
export const checkJest = async ({ app, guide, heading, node, options = [] }) => {
  const settings =
    heading === undefined ? readFileSync(join(app, 'package.json'), 'utf8') : readBlock(guide, heading, 'json')
  const { jest } = JSON.parse(settings)
  writeFileSync(join(app, 'jest.json'), JSON.stringify(jest))
  const output = join(app, 'jest-results.json')
  writeFileSync(output, '{}')
  const args = [
    ...options,
    'node_modules/jest/bin/jest.js',
    '--config',
    'jest.json',
    '--json',
    `--outputFile=${output}`,
  ]
  const { code, stdout, stderr } = await attempt(node, args, { cwd: app, env: ENVIRONMENT })
  assert.equal(code, 0, stdout + stderr)
  assert.deepEqual(passed(output), { numPassedTests: 2, numTotalTests: 2 })
}

/** The same with Vitest, which needs no settings. */
export const checkVitest = async (app) => {
  const output = join(app, 'vitest-results.json')
  const args = ['run', '--silent', 'test', '--', '--reporter=json', `--outputFile=${output}`]
  await run('npm', args, { cwd: app, env: ENVIRONMENT })
  assert.deepEqual(passed(output), { numPassedTests: 2, numTotalTests: 2 })
}
