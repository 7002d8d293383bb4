import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary } from './application.mjs'
import { run } from './command.mjs'
import { checkEntries, checkPlantedLeaks } from './import-graph.mjs'
import { checkInstalledSize } from './installed-size.mjs'
import { checkLoadedFiles } from './loaded-files.mjs'
import { pack } from './pack.mjs'

const runVitest = async ({ root, folder }) => {
  const output = join(folder, 'vitest.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  await run(binary(root, 'vitest'), ['run', '--root', 'test/package/vitest', ...reporters], { cwd: root })
  const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(output, 'utf8'))
  assert(numTotalTests > 0, 'there are tests')
  assert.equal(numPassedTests, numTotalTests, 'none is skipped')
  return `${numPassedTests} tests`
}

/** The tarball and the build that it was made of. Answers with the path of the tarball; `undefined` when there is none. */
export const checkPackage = async (context) => {
  const { root, folder, manifest, report } = context
  let tarball
  await report.check('build and npm pack', async () => {
    const packed = await pack(root, manifest, folder)
    tarball = packed.tarball
    return `${packed.files} files, ${Math.round(packed.bytes / 1_000)} kB`
  })
  if (tarball === undefined) return undefined
  await report.check('publint --strict', () =>
    run(binary(root, 'publint'), ['run', tarball, '--strict'], { cwd: root }),
  )
  await report.check('are the types wrong (esm-only)', () =>
    run(binary(root, 'attw'), [tarball, '--profile', 'esm-only'], { cwd: root }),
  )
  await report.check('no optional peer behind an entry', () => checkEntries(root, manifest))
  await report.check('a leak of an optional peer is found', () =>
    checkPlantedLeaks(root, manifest, join(folder, 'leaky')),
  )
  await report.check('files that the main entry loads', () => checkLoadedFiles(root, manifest, join(folder, 'loaded')))
  await report.check('installed size', () => checkInstalledSize(manifest, tarball, join(folder, 'alone')))
  await report.check('test kit under Vitest', () => runVitest(context))
  return tarball
}
