// Adds up what Jest wrote with --json: prints "passed failed skipped".
import { readFileSync } from 'node:fs'

const sum = { passed: 0, failed: 0, skipped: 0 }
for (const file of process.argv.slice(2)) {
  const result = JSON.parse(readFileSync(file, 'utf8'))
  sum.passed += result.numPassedTests
  // A suite that does not load has no tests that could fail.
  sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites
  sum.skipped += result.numPendingTests + result.numTodoTests
}
console.log(sum.passed, sum.failed, sum.skipped)
