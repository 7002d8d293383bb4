import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const LOADER = new URL('typescript-loader.mjs', import.meta.url).href
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What Node is started with to run a TypeScript file, named from the root of the repository. */
export const typescriptArgs = (file: string): string[] => ['--import', LOADER, resolve(ROOT, file)]

/** The same for test/support/workers/<name>.ts, which gets `input` as JSON in its only argument. */
export const workerArgs = (name: string, input: object): string[] => [
  ...typescriptArgs(`test/support/workers/${name}.ts`),
  JSON.stringify(input),
]
