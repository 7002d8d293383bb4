import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// As in test/jest-preset.json, which tests run with.
const SWC_OPTIONS = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
  swcrc: false,
}

const swc = '@swc/core'
const { version } = createRequire(import.meta.url)(`${swc}/package.json`)

/** What was compiled before, by any process: tests start many, and compiling would be most of what each does. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/typescript-hooks/', import.meta.url))
mkdirSync(cache, { recursive: true })

const compile = async (filename) => {
  const source = readFileSync(filename, 'utf8')
  const options = { ...SWC_OPTIONS, filename }
  const key = createHash('sha256')
    .update(JSON.stringify([version, options, source]))
    .digest('hex')
  const compiled = join(cache, `${key}.js`)
  if (existsSync(compiled)) return readFileSync(compiled, 'utf8')
  const { transformSync } = await import(swc)
  const { code } = transformSync(source, options)
  // Another process may read it, or write it, at the same time.
  const unfinished = `${compiled}.${process.pid}`
  writeFileSync(unfinished, code)
  renameSync(unfinished, compiled)
  return code
}

const lib = new URL('../../lib/', import.meta.url)
const SOURCES = new Map([
  ['nestjs-agent-memory', new URL('index.ts', lib)],
  ['nestjs-agent-memory/testing', new URL('testing/index.ts', lib)],
  ['nestjs-agent-memory/dto', new URL('dto/index.ts', lib)],
])

const isOwnTypeScript = (url) => url?.endsWith('.ts') === true && !url.includes('/node_modules/')

export const resolve = (specifier, context, nextResolve) => {
  const source = SOURCES.get(specifier)
  // Where the tests stand without the sources, it is the installed package that they test.
  if (source !== undefined && existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true }
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && isOwnTypeScript(context.parentURL))
    return nextResolve(specifier.replace(/\.js$/, '.ts'), context)
  return nextResolve(specifier, context)
}

export const load = async (url, context, nextLoad) => {
  if (!isOwnTypeScript(url)) return nextLoad(url, context)
  return { format: 'module', source: await compile(fileURLToPath(url)), shortCircuit: true }
}
