import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './command.mjs'

/** Each file costs about as much as 20 kB of code. */
const MAX_OWN_FILES = 4
/** What an application may not need, needs only at its start, or has loaded itself: no file, or no more than these. */
const MAX_FILES_OF = {
  'class-validator': 0,
  'class-transformer': 0,
  '@opentelemetry/api': 0,
  'classic-level': 0,
  // It is inside.
  cockatiel: 0,
  '@nestjs/core': 2,
}

/** Every file that a process loads which imports `specifier` and does nothing else, as V8 has seen it. */
const filesLoadedBy = async (specifier, { cwd, folder }) => {
  mkdirSync(folder)
  const args = ['--input-type=module', '--eval', `import '${specifier}'`]
  await run(process.execPath, args, { cwd, env: { NODE_V8_COVERAGE: folder } })
  const [report] = readdirSync(folder)
  const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8'))
  return result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []))
}

const countOf = (files, name) => files.filter((file) => file.includes(join('node_modules', name, '/'))).length

const checkFiles = (files, root) => {
  const own = files.filter((file) => file.startsWith(join(root, 'dist', '/'))).length
  assert(own > 0 && own <= MAX_OWN_FILES, `${own} files of its own: at most ${MAX_OWN_FILES} are allowed`)
  for (const [name, most] of Object.entries(MAX_FILES_OF)) {
    const count = countOf(files, name)
    assert(count <= most, `${count} files of ${name}: at most ${most} are allowed`)
  }
  return own
}

/** What the import of the main entry loads, which is what it takes long for. All peers are installed here. */
export const checkLoadedFiles = async (root, manifest, folder) => {
  mkdirSync(folder)
  const load = (entry) => filesLoadedBy(manifest.name + entry, { cwd: root, folder: join(folder, `of${entry}`) })
  const files = await load('')
  const own = checkFiles(files, root)
  // The other entry needs at once what the main one does not: it is seen.
  const ofDto = await load('/dto')
  assert.throws(() => checkFiles(ofDto, root), { message: /files of class-validator/u })
  return `${own} of its own, ${files.length} in all; ./dto ${ofDto.length}`
}
