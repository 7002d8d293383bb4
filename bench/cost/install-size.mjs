import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

const bytesOf = async (folder) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath ?? entry.path, entry.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const dependenciesOf = async (folder) =>
  Object.keys(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).dependencies ?? {})

/** The folders of what a package depends on, and of what that depends on. */
const closureOf = async (folder, found = new Set()) => {
  for (const name of await dependenciesOf(folder)) {
    const dependency = join(ROOT, 'node_modules', name)
    if (found.has(dependency)) continue
    found.add(dependency)
    await closureOf(dependency, found)
  }
  return found
}

/** What `npm install nestjs-agent-memory` puts on the disk beside its peers, in bytes: the package, and what it depends on. */
export const installSize = async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    timeout: 60_000,
  })
  const [{ unpackedSize }] = JSON.parse(stdout)
  const folders = [...(await closureOf(ROOT))]
  const sizes = await Promise.all(folders.map((folder) => bytesOf(folder)))
  return { package: unpackedSize, dependencies: sizes.reduce((sum, size) => sum + size, 0), count: folders.length }
}
