import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const PATIENCE = 300_000

const run = promisify(execFile)
const read = async (file) => JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8'))

/** Versions of the peers by name, as a lock file has them. */
const versionsIn = async (lock) => {
  const [{ dependencies }, { packages }] = await Promise.all([read('package.json'), read(lock)])
  return Object.fromEntries(Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`]?.version]))
}

/** What is installed; npm writes that file when it is done. @returns {Promise<Record<string, string>>} empty when nothing is */
export const installedVersions = () => versionsIn('node_modules/.package-lock.json').catch(() => ({}))

/**
 * Sees to it that the packages of the peers are there, in the versions of their lock; their own, so that `npm ci` of the project
 * stays small.
 *
 * @returns {Promise<string | undefined>} why they are not
 */
export const installPeers = async () => {
  const [installed, wanted] = await Promise.all([installedVersions(), versionsIn('package-lock.json')])
  if (Object.entries(wanted).every(([name, version]) => installed[name] === version)) return undefined
  try {
    const options = ['--no-audit', '--no-fund', '--loglevel', 'error', '--ignore-scripts']
    await run('npm', ['ci', '--prefix', FOLDER, ...options], { cwd: FOLDER, timeout: PATIENCE })
    return undefined
  } catch (error) {
    return String(error.stderr || error.message).split('\n')[0]
  }
}
