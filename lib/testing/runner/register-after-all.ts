import { findAfterAll } from './use-test-runner.js'

/**
 * Whether Jest has begun to run tests. Its `afterAll` does not throw then: it marks the running test as failed, so it
 * must not be tried, and Jest's own record is the only place that tells.
 */
const jestHasStarted = (): boolean => {
  const key = Object.getOwnPropertySymbols(globalThis).find((symbol) => symbol.description === 'JEST_STATE_SYMBOL')
  if (key === undefined) return false
  const state: unknown = Reflect.get(globalThis, key)
  return typeof state === 'object' && state !== null && Reflect.get(state, 'hasStarted') === true
}

/** Has the runner call `work` after the tests, if there is a runner and hooks may be registered at this moment. */
export const registerAfterAll = (work: () => Promise<void>): void => {
  const afterAll = findAfterAll()
  if (afterAll === undefined || jestHasStarted()) return
  try {
    afterAll(work)
  } catch {
    // The runner takes no hooks inside a test; the server the work belongs to calls it when it stops.
  }
}
