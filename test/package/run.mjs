// `npm run test:package`: packs the package, installs the tarball as an application would, and uses it from there.
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createApplication, install } from './application.mjs'
import { run } from './command.mjs'
import { checkMainEntry } from './import-graph.mjs'
import { readQuickStart, runQuickStart } from './quick-start.mjs'
import { Report } from './report.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const binary = (name) => join(root, 'node_modules', '.bin', name)

const NEST_12 = ['@nestjs/common@12', '@nestjs/core@12', '@nestjs/platform-express@12', 'ioredis@6']
const NEST_11 = ['@nestjs/common@11.2', '@nestjs/core@11.2', '@nestjs/platform-express@11.2', 'ioredis@5.11']
const REQUIRED = ['class-validator', 'reflect-metadata', 'rxjs']
const COMPILER = ['typescript@6', '@types/node@20']
const OPTIONAL = ['@nestjs/testing@12', 'class-transformer']

const folder = mkdtempSync(join(tmpdir(), 'agent-memory-package-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

const report = new Report()
const nest12 = createApplication(join(folder, 'nest-12'))
const nest11 = createApplication(join(folder, 'nest-11'))
let tarball
let quickStart

const pack = async () => {
  await run('npm', ['run', '--silent', 'build'], { cwd: root })
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  })
  const [{ filename, files, size }] = Object.values(JSON.parse(stdout))
  tarball = join(folder, filename)
  const paths = files.map(({ path }) => path)
  for (const wanted of manifest.files)
    assert(
      paths.some((path) => path === wanted || path.startsWith(`${wanted}/`)),
      `"${wanted}" is missing in the tarball`,
    )
  const strange = paths.filter((path) => path !== 'package.json' && !manifest.files.includes(path.split('/')[0]))
  assert.deepEqual(strange, [], 'there is more in the tarball than "files" names')
  return `${paths.length} files, ${Math.round(size / 1_000)} kB`
}

/** Imports the entries in a process of the application's own, with what it has installed. */
const importEntries = async (app, names) => {
  const specifiers = names.map((name) => manifest.name + name.slice(1))
  const script = specifiers.map((specifier) => `console.log(Object.keys(await import('${specifier}')).length > 0)`)
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script.join('\n')], { cwd: app })
  assert.equal(stdout, 'true\n'.repeat(names.length))
  return names.join(' ')
}

/** A Redis of its own, started by the test kit which the application has installed, for a run of the quick start. */
const runOnRedis = async (app) => {
  const entry = createRequire(join(app, 'package.json')).resolve('nestjs-agent-memory/testing')
  const { expectNoImmortalKeys, RealRedis } = await import(pathToFileURL(entry).href)
  const redis = await RealRedis.start({ backend: 'binary' })
  try {
    const note = await runQuickStart({ app, prints: quickStart.prints, redisUrl: redis.url })
    const keys = await expectNoImmortalKeys(redis)
    assert(keys > 0, 'the session is in Redis')
    return note
  } finally {
    await redis.stop()
  }
}

const runVitest = async () => {
  const output = join(folder, 'vitest.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  await run(binary('vitest'), ['run', '--root', 'test/package/vitest', ...reporters], { cwd: root })
  const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(output, 'utf8'))
  assert(numTotalTests > 0, 'there are tests')
  assert.equal(numPassedTests, numTotalTests, 'none is skipped')
  return `${numPassedTests} tests`
}

const entries = Object.keys(manifest.exports).filter((name) => name !== './package.json')
const withoutOptionalPeers = entries.filter((name) => name !== './dto')

const test = async () => {
  if (!(await report.check('build and npm pack', pack))) return
  await report.check('publint --strict', () => run(binary('publint'), ['run', tarball, '--strict'], { cwd: root }))
  await report.check('are the types wrong (esm-only)', () =>
    run(binary('attw'), [tarball, '--profile', 'esm-only'], { cwd: root }),
  )
  await report.check('no optional peer behind the main entry', () => checkMainEntry(root, manifest))
  const installed = await report.check('install into Nest 12 and into Nest 11.2', () =>
    Promise.all([
      install(nest12, [tarball, ...NEST_12, ...REQUIRED, ...COMPILER]),
      install(nest11, [tarball, ...NEST_11, ...REQUIRED]),
    ]),
  )
  if (!installed) return
  await report.check('entries without the optional peers', () => importEntries(nest12, withoutOptionalPeers))
  await report.check('main entry through require()', () =>
    run(process.execPath, ['--eval', `require('${manifest.name}').MemoryModule.forRoot`], { cwd: nest12 }),
  )
  const compiled = await report.check('quick start: types, with those of the packages', async () => {
    quickStart = readQuickStart(join(root, 'README.md'))
    writeFileSync(join(nest12, 'main.ts'), quickStart.code)
    await run(join(nest12, 'node_modules', '.bin', 'tsc'), ['-p', '.'], { cwd: nest12 })
    return `${quickStart.code.trim().split('\n').length} lines`
  })
  if (compiled) await report.check('quick start: Nest 12, ioredis 6', () => runOnRedis(nest12))
  if (compiled)
    await report.check('quick start: Nest 11.2, ioredis 5.11', () => {
      copyFileSync(join(nest12, 'main.js'), join(nest11, 'main.js'))
      return runOnRedis(nest11)
    })
  await report.check('every entry, with the optional peers', async () => {
    await install(nest12, OPTIONAL)
    return importEntries(nest12, entries)
  })
  await report.check('test kit under Vitest', runVitest)
}

await run(process.execPath, ['scripts/ensure-redis.mjs'], { cwd: root, env: { AGENT_MEMORY_TEST_BACKEND: 'binary' } })
await test()
report.print()
process.exitCode = report.failed === 0 ? 0 : 1
