import type { Redis } from 'ioredis'
import { isRefusal } from '../is-refusal.js'
import type { Script } from '../scripts/script.interface.js'

/** Runs a script that only reads, on one server that may not let it write; it is not told of scripts that its master knows. */
export const runReadOnly = async <Reply>(
  client: Redis,
  script: Script,
  key: string,
  args: readonly (string | number)[],
): Promise<Reply> => {
  try {
    return (await client.call('EVALSHA_RO', script.sha1, 1, key, ...args)) as Reply
  } catch (error) {
    if (!isRefusal(error, 'NOSCRIPT')) throw error
    return (await client.call('EVAL_RO', script.source, 1, key, ...args)) as Reply
  }
}
