import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../../test/package/command.mjs'

const TIMEOUT_MS = 240_000
/** The majors that must be seen from inside a run. */
const MAJORS = {
  11: { '@nestjs/common': 11, '@nestjs/core': 11, '@nestjs/testing': 11, '@nestjs/terminus': 11, ioredis: 5 },
  12: { '@nestjs/common': 12, '@nestjs/core': 12, '@nestjs/testing': 12, '@nestjs/terminus': 12, ioredis: 6 },
}

const readLines = (path) => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n')
  } catch {
    return []
  }
}

/** What Jest counted; a suite that does not load, and a run that breaks off, count as failures. */
const readCounts = (path) => {
  try {
    const result = JSON.parse(readFileSync(path, 'utf8'))
    return {
      suites: result.numTotalTestSuites,
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    }
  } catch {
    return { suites: 0, passed: 0, failed: 1, skipped: 0 }
  }
}

/** Why what ran is not what this row of the table stands for; empty when it is. */
const whyNot = ({ nest, node }, { suites, passed, failed, skipped }, reports, code) => {
  const wrong = []
  if (code !== 0 && failed === 0) wrong.push(`Jest ended with ${code}`)
  if (passed === 0) wrong.push('no test passed')
  if (skipped > 0) wrong.push(`${skipped} tests were skipped`)
  if (reports.length !== suites) wrong.push(`${suites} suites, but ${reports.length} reports of versions`)
  const different = new Set(reports)
  if (different.size > 1) wrong.push(`not all suites had the same versions: ${[...different].join(', ')}`)
  for (const report of different)
    for (const [name, version] of Object.entries(JSON.parse(report))) {
      const major = { ...MAJORS[nest], node }[name]
      if (!version.startsWith(`${major}.`)) wrong.push(`it ran with ${name} ${version} in place of ${major}`)
    }
  return wrong
}

/** Runs all suites of one application under one Node, and answers with what ran: counts, and versions as seen from inside. */
export const runSuites = async ({ nest, node, home, binary, redis, folder }) => {
  const name = join(folder, `nest-${nest}-node-${node}`)
  const started = performance.now()
  const jest = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js']
  const outcome = await attempt(
    binary,
    [...jest, '--config', 'jest.json', '--maxWorkers=2', '--json', `--outputFile=${name}.json`],
    {
      cwd: home,
      timeout: TIMEOUT_MS,
      env: {
        AGENT_MEMORY_TEST_BACKEND: 'url',
        AGENT_MEMORY_TEST_REDIS_URL: redis.url,
        REPORT_VERSIONS_OF: Object.keys(MAJORS[nest]).join(' '),
        REPORT_VERSIONS_TO: `${name}.versions`,
        NODE_OPTIONS: undefined,
      },
    },
  )
  const seconds = (performance.now() - started) / 1_000
  const counts = readCounts(`${name}.json`)
  const reports = readLines(`${name}.versions`)
  const wrong = whyNot({ nest, node }, counts, reports, outcome.code)
  if (counts.failed > 0 || wrong.length > 0)
    console.error([`\nNest ${nest}, Node ${node}:`, ...wrong, outcome.stderr].join('\n'))
  return { ...counts, failed: counts.failed + wrong.length, versions: JSON.parse(reports[0] ?? '{}'), seconds }
}
