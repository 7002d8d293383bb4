import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A variable that is set to nothing counts as not set. */
export const setting = (name) => process.env[name]?.trim() || undefined

// The same as in lib/testing/real-redis/server-version.ts, which cannot be imported before the build.
const VERSIONS = {
  7: { label: 'Redis 7', program: 'redis-server', image: 'redis:7.4.2-alpine', says: /^Redis server v=7\./ },
  8: { label: 'Redis 8', program: 'redis-server', image: 'redis:8.0.2-alpine', says: /^Redis server v=8\./ },
  valkey8: {
    label: 'Valkey 8',
    program: 'valkey-server',
    image: 'valkey/valkey:8.1.1-alpine',
    says: /^Valkey server v=8\./,
  },
}
/** When no version is asked for: any will do. */
const ANY = { label: 'redis', image: VERSIONS[7].image }

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The programs of a name in PATH, in its order. */
const allInPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isExecutable)

export const find = (name) => allInPath(name)[0]

/** Where servers lie that are unpacked, each in a folder with the name of its version. */
export const serversFolder = () =>
  join(setting('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'nestjs-agent-memory', 'servers')

/** What a server's program says of itself. */
export const versionLine = (path) => spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5_000 }).stdout ?? ''

/** What is wanted: a server of a version, or any; undefined when there is no such version. */
export const wantedOf = (version) => {
  if (version === undefined) return { ...ANY, image: setting('AGENT_MEMORY_TEST_REDIS_IMAGE') ?? ANY.image }
  if (!Object.hasOwn(VERSIONS, version)) return undefined
  const known = VERSIONS[version]
  return { ...known, version, image: setting('AGENT_MEMORY_TEST_REDIS_IMAGE') ?? known.image }
}

export const KNOWN_VERSIONS = Object.keys(VERSIONS)

/** The program of a server that is wanted, if it is here: the one named, else in PATH, else unpacked. */
export const findServer = ({ version, program, says }) => {
  const named = setting('AGENT_MEMORY_TEST_REDIS_BINARY')
  const candidates =
    named === undefined
      ? (program === undefined ? ['redis-server', 'valkey-server'] : [program]).flatMap(allInPath)
      : [named].filter(isExecutable)
  if (version === undefined) return candidates[0]
  if (named === undefined) candidates.push(...[join(serversFolder(), version, program)].filter(isExecutable))
  return candidates.find((path) => says.test(versionLine(path)))
}
