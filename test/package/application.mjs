import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'

const INSTALL = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error']

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: false,
  },
  files: ['main.ts'],
}

/** An empty application in a folder of its own, as `npm init` would leave it. */
export const createApplication = (folder) => {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  return folder
}

export const install = (app, packages) => run('npm', [...INSTALL, ...packages], { cwd: app })

/** A program that a package in `home` brings. */
export const binary = (home, name) => join(home, 'node_modules', '.bin', name)
