import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install } from './application.mjs'

/** Of the package as it is unpacked, and together with what it depends on itself; peers are the application's. */
const MAX_PACKAGE_BYTES = 2_500_000
const MAX_INSTALLED_BYTES = 3_500_000

const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

const megabytes = (bytes) => `${(bytes / 1_000_000).toFixed(2)} MB`

export const checkInstalledSize = async (manifest, tarball, folder) => {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'alone', private: true }))
  await install(folder, ['--legacy-peer-deps', tarball])
  const modules = join(folder, 'node_modules')
  const alone = sizeOf(join(modules, manifest.name))
  const all = sizeOf(modules)
  const note = `${megabytes(alone)}, with ${Object.keys(manifest.dependencies).join(', ')} ${megabytes(all)}`
  assert(alone <= MAX_PACKAGE_BYTES, `${note}: at most ${megabytes(MAX_PACKAGE_BYTES)} is allowed for itself`)
  assert(all <= MAX_INSTALLED_BYTES, `${note}: at most ${megabytes(MAX_INSTALLED_BYTES)} is allowed for all of it`)
  return note
}
