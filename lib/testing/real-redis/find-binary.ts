import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { RedisEnvironment } from './environment.js'
import { releaseOf } from './server-version.js'

const ANY = ['redis-server', 'valkey-server']
const TIMEOUT_MS = 5_000

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const allInPath = (name: string): string[] =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isExecutable)

/** Where `scripts/ensure-redis.mjs` puts servers that it unpacks, each in a folder with the name of its version. */
const unpacked = (version: string, program: string): string => {
  const cache = process.env['XDG_CACHE_HOME']?.trim()
  const base = cache === undefined || cache === '' ? join(homedir(), '.cache') : cache
  return join(base, 'nestjs-agent-memory', 'servers', version, program)
}

const answerOf = (path: string): string =>
  spawnSync(path, ['--version'], { encoding: 'utf8', timeout: TIMEOUT_MS }).stdout ?? ''

/** The path of a server's program of the version asked for: the one named; else in PATH; else one that was unpacked. */
export const findBinary = ({ binary, version }: Pick<RedisEnvironment, 'binary' | 'version'>): string | undefined => {
  if (version === undefined) return binary === undefined ? ANY.flatMap(allInPath)[0] : [binary].find(isExecutable)
  const { program, says } = releaseOf(version)
  const candidates = binary === undefined ? [...allInPath(program), unpacked(version, program)] : [binary]
  return candidates.filter(isExecutable).find((path) => says.test(answerOf(path)))
}
