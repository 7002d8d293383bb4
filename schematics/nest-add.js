import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const REGISTRATION = `MemoryModule.forRoot({
      connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
    })`
const PEERS = ['ioredis', 'class-validator']

/** The schematics of the Nest that the application has: what `nest new` has installed, whichever its major. */
const loadNestSchematics = () => {
  const entry = createRequire(join(process.cwd(), 'package.json')).resolve('@nestjs/schematics')
  return import(pathToFileURL(entry).href)
}

/** Puts the import behind the last one there is, written as that one is. */
const addImport = (text) => {
  const [last] = text.match(/^import\s[^;]*?from\s+(['"]).*?\1;?[ \t]*$/gmu)?.slice(-1) ?? []
  const quote = last?.includes('"') ? '"' : "'"
  const end = last === undefined || last.trimEnd().endsWith(';') ? ';' : ''
  const line = `import { MemoryModule } from ${quote}nestjs-agent-memory${quote}${end}`
  return last === undefined ? `${line}\n\n${text}` : text.replace(last, () => `${last}\n${line}`)
}

const missingPeers = (tree) => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(tree.read('package.json')?.toString() ?? '{}')
  return PEERS.filter((name) => !(name in dependencies) && !(name in devDependencies))
}

/**
 * What `nest add nestjs-agent-memory` runs after the installation: registers the module in `app.module.ts`. Nothing else is
 * changed, and nothing at all where that knows the module already, or has no list of imports to add to.
 */
export const nestAdd =
  ({ sourceRoot = 'src' }) =>
  async (tree, { logger }) => {
    const path = `${sourceRoot}/app.module.ts`
    const text = tree.read(path)?.toString()
    const missing = missingPeers(tree)
    if (missing.length > 0) logger.warn(`Install what it needs beside it: npm install ${missing.join(' ')}`)
    if (text?.includes('nestjs-agent-memory')) return
    const { MetadataManager } = await loadNestSchematics()
    // Of several modules in the file, it would take the first.
    const isOne = text?.match(/@Module\s*\(/gu)?.length === 1
    const registered = isOne && new MetadataManager(text).insert('imports', REGISTRATION)
    if (!registered || registered === text) {
      logger.warn(`${path} does not list the imports of one module. Add this to yours:\n\n    ${REGISTRATION}\n`)
      return
    }
    // Alone in the brackets, it stands on lines of its own as it does among others.
    tree.overwrite(path, addImport(registered.replace(`[${REGISTRATION}]`, () => `[\n    ${REGISTRATION},\n  ]`)))
  }
