import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createApplication } from './application.mjs'
import { Report } from './report.mjs'

/** What all checks share: the repository, a folder that is gone with the process, and the report. */
export const createContext = () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'agent-memory-package-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entries = Object.keys(manifest.exports).filter((name) => name !== './package.json')
  return {
    root,
    folder,
    manifest,
    /** What an application writes to import each entry. */
    specifiers: entries.map((name) => manifest.name + name.slice(1)),
    guide: join(root, 'docs', 'compatibility.md'),
    report: new Report(),
    nest12: createApplication(join(folder, 'nest-12')),
  }
}

/** A Redis of its own, started by the test kit that is installed in `nest12`; what it is used for leaves no key for ever. */
export const onRedis = async ({ nest12, manifest }, use) => {
  const entry = createRequire(join(nest12, 'package.json')).resolve(`${manifest.name}/testing`)
  const { expectNoImmortalKeys, RealRedis } = await import(pathToFileURL(entry).href)
  const redis = await RealRedis.start({ backend: 'binary' })
  try {
    const note = await use(redis.url)
    const keys = await expectNoImmortalKeys(redis)
    assert(keys > 0, 'the session is in Redis')
    return note
  } finally {
    await redis.stop()
  }
}
