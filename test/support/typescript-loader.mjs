// Lets a plain Node process run the TypeScript of this repository, for tests that need a process of their own:
// node --import ./test/support/typescript-loader.mjs script.ts
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
