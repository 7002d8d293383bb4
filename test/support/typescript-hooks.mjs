import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transform } from '@swc/core'

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
  const filename = fileURLToPath(url)
  const { code } = await transform(await readFile(filename, 'utf8'), { ...SWC_OPTIONS, filename })
  return { format: 'module', source: code, shortCircuit: true }
}
