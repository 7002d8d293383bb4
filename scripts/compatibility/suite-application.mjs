import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from '../../test/package/application.mjs'
import { importedBySuites } from './imported-by-suites.mjs'

const VERSION_REPORT = 'report-versions.mjs'
/** Beside what the suites import: what runs them, and what Nest loads by name. */
const FURTHER = [
  'jest',
  '@jest/globals',
  '@swc/jest',
  '@swc/core',
  'reflect-metadata',
  '@nestjs/platform-express',
  'ioredis',
]
/** What the suites read or start without importing it. */
const FOLDERS = ['test/support', 'sample']
/** What is not of the same major as Nest itself. */
const BESIDE_NEST_11 = { '@nestjs/graphql': '^13.0.0', '@nestjs/mercurius': '^13.0.0', ioredis: '~5.11.0' }

const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'))

/** What `npm ci` has installed here is the newest that is supported. */
const versionOf = (root, nest, name) => {
  if (nest === 11 && name in BESIDE_NEST_11) return BESIDE_NEST_11[name]
  if (nest === 11 && name.startsWith('@nestjs/')) return '^11.0.0'
  return readJson(root, 'node_modules', name, 'package.json').version
}

/** That of the repository, but with the package that is installed in place of its sources, and a server from outside. */
const jestConfig = (root) => {
  const {
    globalSetup: _1,
    globalTeardown: _2,
    moduleNameMapper,
    setupFiles,
    ...preset
  } = readJson(root, 'test/jest-preset.json')
  const { displayName, rootDir, testRegex } = readJson(root, 'jest-e2e.json')
  const relative = Object.entries(moduleNameMapper).filter(([pattern]) => !pattern.startsWith('^nestjs-agent-memory'))
  return {
    ...preset,
    displayName,
    rootDir,
    testRegex,
    moduleNameMapper: Object.fromEntries(relative),
    setupFiles: [...setupFiles, `<rootDir>/${VERSION_REPORT}`],
  }
}

/** A folder with the e2e suites, the samples and nothing else of this repository; all they import is installed there. */
export const createSuiteApplication = async ({ root, folder, tarball, nest }) => {
  const home = join(folder, `nest-${nest}`)
  mkdirSync(home)
  const { files, packages } = importedBySuites(root)
  for (const part of [...FOLDERS, ...files])
    cpSync(join(root, part), join(home, part), { recursive: true, filter: (path) => basename(path) !== 'dist' })
  cpSync(fileURLToPath(new URL(VERSION_REPORT, import.meta.url)), join(home, VERSION_REPORT))
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: `nest-${nest}`, private: true, type: 'module' }))
  writeFileSync(join(home, 'jest.json'), JSON.stringify(jestConfig(root)))
  const { name: itself } = readJson(root, 'package.json')
  const wanted = new Set([...packages, ...FURTHER])
  wanted.delete(itself)
  await install(home, [tarball, ...[...wanted].map((name) => `${name}@${versionOf(root, nest, name)}`)])
  return home
}
