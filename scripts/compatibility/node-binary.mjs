import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { install } from '../../test/package/application.mjs'
import { run } from '../../test/package/command.mjs'

export const CURRENT_NODE = Number(process.versions.node.split('.')[0])

/** The newest Node of a major version: this one if it is of that version, else the one that the npm package `node` carries. */
export const provideNode = async (major, folder) => {
  if (major === CURRENT_NODE) return process.execPath
  const home = join(folder, `node-${major}`)
  mkdirSync(home)
  await install(home, [`node@${major}`])
  const binary = join(home, 'node_modules', 'node', 'bin', 'node')
  const { stdout } = await run(binary, ['--version'], { cwd: home })
  if (!stdout.startsWith(`v${major}.`)) throw new Error(`Node ${major} was to be installed, and it is ${stdout.trim()}`)
  return binary
}
