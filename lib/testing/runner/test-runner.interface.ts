type Suite = (name: string, body: () => void) => unknown
type Hook = (work: () => Promise<void>, timeoutMs?: number) => unknown

/**
 * What the test kit needs of a test runner; Jest and Vitest have it under these names.
 *
 * @publicApi
 */
export interface TestRunner {
  readonly describe: Suite & { readonly skip: Suite }
  readonly beforeAll: Hook
  readonly afterAll: Hook
}
