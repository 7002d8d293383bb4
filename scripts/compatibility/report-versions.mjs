// Runs in Jest before each test file, and writes down which versions the files of that run get.
import { appendFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// Under Jest, this is Jest's own way of resolving.
const require = createRequire(import.meta.url)

const manifestOf = (name) => {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (manifest.name === name) return manifest
    } catch {
      // None here: it is further up.
    }
  }
  throw new Error(`${name} has no package.json`)
}

const { REPORT_VERSIONS_OF, REPORT_VERSIONS_TO } = process.env
const versions = { node: process.versions.node }
for (const name of REPORT_VERSIONS_OF.split(' ')) versions[name] = manifestOf(name).version
appendFileSync(REPORT_VERSIONS_TO, `${JSON.stringify(versions)}\n`)
