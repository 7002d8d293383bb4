import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
/** npm writes it when it is done. */
const DONE = new URL('node_modules/.package-lock.json', import.meta.url)
const PATIENCE = 300_000

const run = promisify(execFile)

/**
 * Sees to it that the packages of the peers are there; their own, so that `npm ci` of the project stays small.
 *
 * @returns {Promise<string | undefined>} why they are not
 */
export const installPeers = async () => {
  if (existsSync(DONE)) return undefined
  try {
    const options = ['--no-audit', '--no-fund', '--loglevel', 'error', '--ignore-scripts']
    await run('npm', ['ci', '--prefix', FOLDER, ...options], { cwd: FOLDER, timeout: PATIENCE })
    return undefined
  } catch (error) {
    return String(error.stderr ?? error.message).split('\n')[0]
  }
}
