import assert from 'node:assert/strict'
import { join } from 'node:path'
import { run } from './command.mjs'

/** Builds the package, unless AGENT_MEMORY_BUILT says that it is, and packs it as a release would be packed. */
export const pack = async (root, manifest, folder) => {
  if (process.env.AGENT_MEMORY_BUILT !== 'yes') await run('npm', ['run', '--silent', 'build'], { cwd: root })
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { stdout } = await run('npm', args, { cwd: root })
  const [{ filename, files, size, unpackedSize }] = Object.values(JSON.parse(stdout))
  const paths = files.map(({ path }) => path)
  for (const wanted of manifest.files)
    assert(
      paths.some((path) => path === wanted || path.startsWith(`${wanted}/`)),
      `"${wanted}" is missing in the tarball`,
    )
  const strange = paths.filter((path) => path !== 'package.json' && !manifest.files.includes(path.split('/')[0]))
  assert.deepEqual(strange, [], 'there is more in the tarball than "files" names')
  return { tarball: join(folder, filename), files: paths.length, bytes: size, unpackedBytes: unpackedSize }
}
