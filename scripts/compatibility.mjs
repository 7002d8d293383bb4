// `npm run compatibility`: the e2e suites with the packed package, on Nest 11 and 12, each on Node 20 and 24. Prints what
// ran, with the versions that the runs themselves saw.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { pack } from '../test/package/pack.mjs'
import { provideNode } from './compatibility/node-binary.mjs'
import { runSuites } from './compatibility/run-suites.mjs'
import { createSuiteApplication } from './compatibility/suite-application.mjs'

const NESTS = [12, 11]
const NODES = [20, 24]

const root = fileURLToPath(new URL('../', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'agent-memory-compatibility-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

const kit = (home) =>
  import(pathToFileURL(createRequire(join(home, 'package.json')).resolve(`${manifest.name}/testing`)).href)

const columns = (row) => [
  row.versions['@nestjs/core'] ?? '-',
  row.versions.node ?? '-',
  row.versions['@nestjs/terminus'] ?? '-',
  row.versions.ioredis ?? '-',
  row.redis,
  row.suites,
  row.passed,
  row.failed,
  row.seconds.toFixed(1),
]

const print = (rows) => {
  const table = [
    ['Nest', 'Node', 'Terminus', 'ioredis', 'Redis', 'suites', 'passed', 'failed', 'seconds'],
    ...rows.map(columns),
  ]
  const width = (column) => Math.max(...table.map((cells) => String(cells[column]).length))
  console.log()
  for (const cells of table)
    console.log(
      cells
        .map((cell, column) => String(cell).padEnd(width(column)))
        .join('  ')
        .trimEnd(),
    )
}

const { tarball } = await pack(root, manifest, folder)
const [homes, binaries] = await Promise.all([
  Promise.all(NESTS.map((nest) => createSuiteApplication({ root, folder, tarball, nest }))),
  Promise.all(NODES.map((node) => provideNode(node, folder))),
])
console.log(`packed and installed in ${Math.round(performance.now() / 1_000)} s`)

const { expectNoImmortalKeys, RealRedis } = await kit(homes[0])
const redis = await RealRedis.start()
const rows = []
try {
  for (const [i, nest] of NESTS.entries())
    for (const [j, node] of NODES.entries()) {
      const row = await runSuites({ nest, node, home: homes[i], binary: binaries[j], redis, folder })
      rows.push({ ...row, redis: redis.version })
    }
  if (redis.backend !== 'url') await expectNoImmortalKeys(redis)
} finally {
  await redis.stop()
}

print(rows)
const sum = (name) => rows.reduce((total, row) => total + row[name], 0)
console.log(`\n${Math.round(performance.now() / 1_000)} s in all`)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1
