import type { TestRunner } from './test-runner.interface.js'

/**
 * The one piece of state of the test kit that outlives a call: a runner whose hooks are no globals is named once, at
 * the top of a setup file, and used by suites that know nothing of that file.
 */
let named: TestRunner | undefined

/**
 * Names the hooks of the test runner, where they are no globals:
 * `import { describe, beforeAll, afterAll } from 'vitest'; useTestRunner({ describe, beforeAll, afterAll })`.
 *
 * @publicApi
 */
export const useTestRunner = (runner: TestRunner): void => {
  named = runner
}

const globals = (): Partial<TestRunner> => ({
  describe: Reflect.get(globalThis, 'describe'),
  beforeAll: Reflect.get(globalThis, 'beforeAll'),
  afterAll: Reflect.get(globalThis, 'afterAll'),
})

/** The runner's `afterAll`, when there is one. */
export const findAfterAll = (): TestRunner['afterAll'] | undefined => (named ?? globals()).afterAll

/** @throws Error when the runner has no global hooks and was not named */
export const testRunner = (): TestRunner => {
  if (named !== undefined) return named
  const { describe, beforeAll, afterAll } = globals()
  if (describe === undefined || beforeAll === undefined || afterAll === undefined)
    throw new Error(
      'the test runner has no global describe, beforeAll and afterAll: call useTestRunner({ describe, beforeAll, afterAll }) first',
    )
  return { describe, beforeAll, afterAll }
}
