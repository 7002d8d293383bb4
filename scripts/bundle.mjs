// The last part of `npm run build`: what TypeScript has made in build/ becomes the few files of dist/, which are the
// package. Why: docs/decisions/042-the-package-is-bundled.md.
import { copyFileSync, cpSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import ts from 'typescript'

const root = fileURLToPath(new URL('../', import.meta.url))
const built = join(root, 'build')
const dist = join(root, 'dist')
const entries = ['index', 'testing/index', 'dto/index']
/** The one package that is put inside: its 28 files took longer to load than all of this one. */
const INSIDE = 'cockatiel'
const inside = dirname(createRequire(import.meta.url).resolve(`${INSIDE}/package.json`))

/** The maps that TypeScript has made, so that those of the bundle lead to the sources. */
const mapsOfTypeScript = {
  name: 'maps-of-typescript',
  load: {
    filter: { id: /^(?!.*\/node_modules\/).*\.js$/ },
    handler: (id) => ({ code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') }),
  },
}

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, join(built, `${entry}.js`)])),
  platform: 'node',
  // Other packages are not put inside: an application has its own Nest, and one copy of each.
  external: new RegExp(`^(?!${INSIDE}$)(?:node:|@?[a-z])`),
  plugins: [mapsOfTypeScript],
})
rmSync(dist, { recursive: true, force: true })
await bundle.write({
  dir: dist,
  // Errors, providers and classes in logs are known by their names.
  keepNames: true,
  minifyInternalExports: false,
  chunkFileNames: '[name].js',
  // What two entries use is in one file, and so one class to both.
  codeSplitting: { groups: [{ name: 'core', minShareCount: 2 }] },
  sourcemap: true,
  // Lines of the sources are enough to know where, and the package stays half as large.
  sourcemapExcludeSources: true,
})
await bundle.close()

// Of the declarations, those that an entry leads to: the others describe what nobody can import.
const declarations = new Set(entries.map((entry) => join(built, `${entry}.d.ts`)))
for (const file of declarations) {
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
    if (fileName.startsWith('.')) declarations.add(join(dirname(file), fileName.replace(/\.js$/, '.d.ts')))
  }
}
for (const file of declarations) cpSync(file, join(dist, relative(built, file)))

copyFileSync(join(inside, 'LICENSE'), join(dist, `${INSIDE}.LICENSE`))
