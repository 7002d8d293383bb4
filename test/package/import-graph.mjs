import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, cpSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

/** Optional peers that an entry is for; the main entry is for none of them. */
const OPTIONAL_PEERS_OF = { './testing': ['@nestjs/testing'], './dto': ['class-transformer'] }

export const packageOf = (specifier) =>
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

/** A file with all it imports from beside it, and the packages that these import, each with the files that do. */
const graphOf = (entry) => {
  const packages = new Map()
  const files = new Set([entry])
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        files.add(resolveRelative(file, specifier))
        continue
      }
      const name = packageOf(specifier)
      if (specifier.startsWith('node:') || builtinModules.includes(name)) continue
      packages.set(name, [...(packages.get(name) ?? []), relative(dirname(entry), file)])
    }
  }
  return { packages, files }
}

const entriesOf = ({ exports }) => Object.entries(exports).filter(([, entry]) => typeof entry !== 'string')

/**
 * An application that installed none of the optional peers must get along with the code and the types of the main entry, and
 * with those of another entry when it installed what that one is for.
 */
export const checkEntries = (root, manifest) => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest
  const required = Object.keys({ ...dependencies, ...peerDependencies }).filter(
    (name) => peerDependenciesMeta[name]?.optional !== true,
  )
  const notes = []
  for (const [name, { types, default: code }] of entriesOf(manifest)) {
    const allowed = [...required, ...(OPTIONAL_PEERS_OF[name] ?? [])]
    const graphs = [types, code].map((entry) => graphOf(join(root, entry)))
    const wrong = graphs.flatMap(({ packages }) => [...packages].filter(([found]) => !allowed.includes(found)))
    assert.deepEqual(wrong, [], `"${name}" may import ${allowed.join(', ')} and no other`)
    notes.push(`${name} ${graphs.map(({ files }) => files.size).join(' + ')}`)
  }
  return `files: ${notes.join(', ')}`
}

/** The check above, of a package into whose last file an optional peer has leaked: by a type, and by an import. */
export const checkPlantedLeaks = (root, manifest, folder) => {
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  const { types, default: code } = manifest.exports['.']
  const leaks = [
    [types, "export type Leak = import('class-transformer').ClassTransformOptions\n"],
    [code, "import '@nestjs/testing'\n"],
  ]
  for (const [entry, leak] of leaks) {
    const file = [...graphOf(join(folder, entry)).files].at(-1)
    appendFileSync(file, `\n${leak}`)
    assert.throws(() => checkEntries(folder, manifest), {
      code: 'ERR_ASSERTION',
      actual: [[/'(.*)'/u.exec(leak)[1], [relative(join(folder, 'dist'), file)]]],
    })
    copyFileSync(join(root, relative(folder, file)), file)
  }
  return leaks.map(([, leak]) => leak.trim()).join('; ')
}
