import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/**
 * What a file imports or exports from, types included. In a declaration that is also what stands in `import('…')`; in code such
 * a package is loaded by who asks for it, and not with the entry.
 */
const importsOf = (file) => {
  const text = readFileSync(file, 'utf8')
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text)
  const onDemand = ({ fileName, pos }) =>
    !file.endsWith('.d.ts') && !fileName.startsWith('.') && /\bimport\(\s*['"]?$/u.test(text.slice(0, pos))
  return [...importedFiles.filter((found) => !onDemand(found)), ...typeReferenceDirectives].map(
    ({ fileName }) => fileName,
  )
}

const resolveRelative = (file, specifier) => {
  const path = join(dirname(file), specifier)
  return file.endsWith('.d.ts') ? path.replace(/\.js$/u, '.d.ts') : path
}

/** Packages that are imported from a file or from what it imports, each with the files that do. */
export const packagesImportedFrom = (entry) => {
  const packages = new Map()
  const seen = new Set([entry])
  for (const file of seen) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        seen.add(resolveRelative(file, specifier))
        continue
      }
      const name = packageOf(specifier)
      if (specifier.startsWith('node:') || builtinModules.includes(name)) continue
      packages.set(name, [...(packages.get(name) ?? []), relative(dirname(entry), file)])
    }
  }
  return { packages, files: seen.size }
}

/** An application that installed none of the optional peers must get along with the main entry. */
export const checkMainEntry = (root, manifest) => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest
  const allowed = Object.keys({ ...dependencies, ...peerDependencies }).filter(
    (name) => peerDependenciesMeta[name]?.optional !== true,
  )
  const { types, default: code } = manifest.exports['.']
  const graphs = [types, code].map((entry) => packagesImportedFrom(join(root, entry)))
  const wrong = graphs.flatMap(({ packages }) => [...packages].filter(([name]) => !allowed.includes(name)))
  assert.deepEqual(wrong, [], `only ${allowed.join(', ')} may be imported`)
  return `${graphs.map(({ files }) => files).join(' + ')} files`
}
