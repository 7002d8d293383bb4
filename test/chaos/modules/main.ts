// Modules that come and go: node --import ./test/support/typescript-loader.mjs test/chaos/modules/main.ts --modules 1000
// Exits with 1 when one leaves a connection, a handle, a file or much heap behind.
import { parseArgs } from 'node:util'
import { conclude } from '../conclude.js'
import { cycleModules } from './cycle-modules.js'
import { modulesProblems, showModules } from './show-modules.js'

const { values } = parseArgs({ options: { modules: { type: 'string', default: '1000' } } })
const modules = Number(values.modules)
if (!(modules >= 10)) throw new Error('--modules takes a number from 10')

const outcome = await cycleModules(modules)
const problems = modulesProblems(outcome)
console.log(showModules(outcome))
conclude(problems)
