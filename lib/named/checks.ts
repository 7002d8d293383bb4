// All that needs class-validator: see load-checks.ts.
export { optionProblems } from '../options/option-problems.js'
export { resolveMemoryOptions } from '../options/resolve-memory-options.js'
export { createStateSchema } from '../session/state-schema/create-state-schema.js'
