// Starts servers that belong together, says where they live, and holds on until it is killed.
import { startSets } from './servers-of-sets.js'

process.stdout.write(`${JSON.stringify(await startSets())}\n`)
process.stdin.resume()
