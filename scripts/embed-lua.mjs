// Puts the Lua scripts of lib/redis/scripts into one TypeScript module, as strings with their digests, so that no file
// is read at run time and bundlers need no setting. Run by every npm script that compiles or tests.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../lib/redis/scripts/', import.meta.url))
const read = (...path) => readFileSync(join(folder, ...path), 'utf8')

const include = (source) =>
  source.replace(/^ *-- @include (\S+)$/gm, (_, name) => include(read('includes', `${name}.lua`)).trim())
/** Comments are for the reader of the files; the server gets the code. Only lines that are comments altogether go. */
const strip = (source) =>
  source
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('--'))
    .join('\n')
const camelCase = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())

const modules = readdirSync(folder)
  .filter((file) => file.endsWith('.lua'))
  .toSorted()
  .map((file) => {
    const name = file.slice(0, -'.lua'.length)
    const source = strip(include(read(file)))
    const sha1 = createHash('sha1').update(source).digest('hex')
    return `export const ${camelCase(name)}Script: Script = ${JSON.stringify({ name, sha1, source }, undefined, 2)}\n`
  })

// Whole or not at all: another run may be reading it.
const target = join(folder, 'scripts.generated.ts')
const fresh = `${target}.${process.pid}`
writeFileSync(
  fresh,
  `// Made by scripts/embed-lua.mjs from the .lua files beside it.\nimport type { Script } from './script.interface.js'\n\n${modules.join('\n')}`,
)
renameSync(fresh, target)
