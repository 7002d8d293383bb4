import type { Redis } from 'ioredis'
import type { Script } from './scripts/script.interface.js'
import * as scripts from './scripts/scripts.generated.js'

/**
 * Makes the scripts known to the server before anyone calls them. A script that has to be sent a second time, with its source,
 * could be overtaken by a later call of another one.
 */
export const loadScripts = async (client: Redis): Promise<void> => {
  const all: Script[] = Object.values(scripts)
  // A user who may not load them can still run them: then the first call of each sends the source.
  await Promise.allSettled(all.map(({ source }) => client.script('LOAD', source)))
}
