// Creates and destroys modules in a process that does nothing else. Answers what is left of them.
import { cycleModules } from '../../chaos/modules/cycle-modules.js'
import { input } from './input.js'

export interface ModuleCyclerInput {
  readonly modules: number
}

const { modules } = input() as ModuleCyclerInput
process.stdout.write(JSON.stringify(await cycleModules(modules)))
