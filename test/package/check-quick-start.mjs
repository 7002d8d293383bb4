import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, createApplication, install } from './application.mjs'
import { run } from './command.mjs'
import { onRedis } from './context.mjs'
import { readQuickStart, runQuickStart } from './quick-start.mjs'

const NEST_12 = ['@nestjs/common@12', '@nestjs/core@12', '@nestjs/platform-express@12', 'ioredis@6']
const REQUIRED = ['class-validator', 'reflect-metadata', 'rxjs']
const COMPILER = ['typescript@6', '@types/node@20']
const OPTIONAL = ['@nestjs/testing@12', 'class-transformer']

/** The first version that the range of each required peer allows. */
const lowestPeers = ({ peerDependencies, peerDependenciesMeta }) =>
  Object.entries(peerDependencies)
    .filter(([name]) => peerDependenciesMeta[name]?.optional !== true)
    .map(([name, range]) => `${name}@${/\d+\.\d+\.\d+/u.exec(range)[0]}`)

/** Imports the entries in a process of the application's own, with what it has installed. */
const importEntries = async (app, names) => {
  const script = names.map((name) => `console.log(Object.keys(await import('${name}')).length > 0)`)
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script.join('\n')], { cwd: app })
  assert.equal(stdout, 'true\n'.repeat(names.length))
  return names.join(' ')
}

/** Applications as `npm init` makes them: what an import needs, and the quick start of the README. */
export const checkQuickStart = async (context, tarball) => {
  const { root, folder, manifest, specifiers, report, nest12 } = context
  const lowest = createApplication(join(folder, 'lowest'))
  const peers = lowestPeers(manifest)
  const installed = await report.check('install into Nest 12, and with the lowest peers', async () => {
    await install(nest12, [tarball, ...NEST_12, ...REQUIRED, ...COMPILER])
    await install(lowest, [tarball, ...peers])
    return peers.join(' ')
  })
  if (!installed) return false
  await report.check('entries without the optional peers', () =>
    importEntries(
      nest12,
      specifiers.filter((name) => !name.endsWith('/dto')),
    ),
  )
  await report.check('main entry through require()', () =>
    run(process.execPath, ['--eval', `require('${manifest.name}').MemoryModule.forRoot`], { cwd: nest12 }),
  )
  const { code, prints } = readQuickStart(join(root, 'README.md'))
  const compiled = await report.check('quick start: types, with those of the packages', async () => {
    writeFileSync(join(nest12, 'main.ts'), code)
    await run(binary(nest12, 'tsc'), ['-p', '.'], { cwd: nest12 })
    return `${code.trim().split('\n').length} lines`
  })
  if (compiled) {
    const runIn = (app) => onRedis(context, (redisUrl) => runQuickStart({ app, prints, redisUrl }))
    await report.check('quick start: Nest 12, ioredis 6', () => runIn(nest12))
    await report.check('quick start: the lowest peers', () => {
      copyFileSync(join(nest12, 'main.js'), join(lowest, 'main.js'))
      return runIn(lowest)
    })
  }
  await report.check('every entry, with the optional peers', async () => {
    await install(nest12, OPTIONAL)
    return importEntries(nest12, specifiers)
  })
  return true
}
