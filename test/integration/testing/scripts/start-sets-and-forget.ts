// Starts servers that belong together and comes to its end without stopping them.
import { startSets } from './servers-of-sets.js'

process.stdout.write(`${JSON.stringify(await startSets())}\n`)
