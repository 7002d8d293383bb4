import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { packageOf } from '../../test/package/import-graph.mjs'

/**
 * The files of the repository that the e2e suites import, as paths from its root, and the packages that these import.
 *
 * @throws Error when a file of `lib` among them imports a package: it is the packed library that is to be tested
 */
export const importedBySuites = (root) => {
  const suites = join(root, 'test', 'e2e')
  const files = new Set(readdirSync(suites).map((name) => join(suites, name)))
  const packages = new Set()
  for (const file of files) {
    const path = relative(root, file)
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
      if (fileName.startsWith('.')) files.add(join(dirname(file), fileName).replace(/\.js$/u, '.ts'))
      else if (path.startsWith('lib') && !fileName.startsWith('node:'))
        throw new Error(`the e2e suites import ${path} by its path, and with it ${fileName}`)
      else if (!fileName.startsWith('node:')) packages.add(packageOf(fileName))
    }
  }
  return { files: [...files].map((file) => relative(root, file)), packages: [...packages] }
}
