import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { find, versionLine } from './settings.mjs'

/** What has these servers, and the systems whose apt sources name a mirror that has it. */
const SUITE = 'trixie'
const SYSTEMS = new Set(['bookworm', 'trixie'])
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const TIMEOUT_MS = 120_000

/** Where Debian keeps the loader and the libraries of an architecture of Node. */
const ARCHITECTURES = {
  x64: { loader: 'usr/lib64/ld-linux-x86-64.so.2', libraries: 'usr/lib/x86_64-linux-gnu' },
  arm64: { loader: 'usr/lib/ld-linux-aarch64.so.1', libraries: 'usr/lib/aarch64-linux-gnu' },
}

const LIBRARIES = ['libc6', 'libgcc-s1', 'libstdc++6', 'libatomic1', 'libjemalloc2', 'liblzf1', 'libssl3t64']
LIBRARIES.push('libsystemd0', 'libcap2', 'zlib1g', 'libzstd1', 'libhiredis1.1.0')
LIBRARIES.push('liblua5.1-0', 'lua-cjson', 'lua-bitop')

const PACKAGES = {
  8: ['redis-server', 'redis-tools'],
  valkey8: ['valkey-server', 'valkey-tools'],
}
const PROGRAMS = {
  8: ['redis-server', 'redis-cli'],
  valkey8: ['valkey-server', 'valkey-cli'],
}

const codename = () => {
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    return /^ID=debian$/m.test(release) ? /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] : undefined
  } catch {
    return undefined
  }
}

/** Whether such a server can be unpacked on this machine. */
export const canUnpack = (version) =>
  Object.hasOwn(PACKAGES, version ?? '') &&
  Object.hasOwn(ARCHITECTURES, process.arch) &&
  SYSTEMS.has(codename()) &&
  ['apt-get', 'dpkg-deb'].every((program) => find(program) !== undefined)

/** @throws Error with the last lines of what it said, when it fails */
const run = (program, args, options = {}) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: TIMEOUT_MS, ...options })
  if (status === 0) return stdout
  const said = (stderr ?? '').trim().split('\n').slice(-3).join('\n')
  throw new Error(`"${program} ${args.find((arg) => !arg.startsWith('-'))}" failed: ${said}`)
}

/** apt with everything of its own in a folder: it neither reads nor changes what the system knows. */
const aptIn = (folder, sources) => {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'sources.list'), sources)
  writeFileSync(join(folder, 'status'), '')
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Debug::NoLocking': '1',
    'Acquire::Languages': 'none',
    // What cannot be fetched or verified is an error, and no warning.
    'Error::Mode': 'any',
    // The folder is only ours.
    'APT::Sandbox::User': 'root',
  }
  const given = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return (...args) => run('apt-get', ['-q', ...args, ...given], { cwd: join(folder, 'debs') })
}

/** The mirrors of the system's own apt sources. */
const mirrors = () => {
  const lines = run('apt-get', ['update', '--print-uris']).split('\n')
  const found = lines.map((line) => /^'(.+)\/dists\/(\w+)\/InRelease'/.exec(line))
  return found.filter((match) => match?.[2] === codename()).map((match) => match[1])
}

/** Fetches packages, which apt verifies, from the first mirror that has them. */
const download = (folder, packages) => {
  let failure = new Error('the apt sources of this system name no mirror of Debian')
  for (const [index, mirror] of mirrors().entries()) {
    const place = join(folder, `apt-${index}`)
    const apt = aptIn(place, `deb [signed-by=${KEYRING}] ${mirror} ${SUITE} main\n`)
    try {
      apt('update')
      apt('download', ...packages)
      return readdirSync(join(place, 'debs')).map((name) => join(place, 'debs', name))
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** A program that runs with the libraries it was built for: those of the system may be older. */
const launcher = (program, { loader, libraries }) => `#!/bin/sh
here=\${0%/*}/system
exec "$here/${loader}" --library-path "$here/${libraries}" "$here/usr/bin/${program}" "$@"
`

/** Unpacks one server beside its programs, and sees that it runs. */
const unpack = (folder, version, files, says) => {
  const home = join(folder, version)
  mkdirSync(join(home, 'system'), { recursive: true })
  for (const file of files) run('dpkg-deb', ['-x', file, join(home, 'system')])
  for (const program of PROGRAMS[version]) {
    writeFileSync(join(home, program), launcher(program, ARCHITECTURES[process.arch]))
    chmodSync(join(home, program), 0o755)
  }
  const said = versionLine(join(home, PROGRAMS[version][0])).trim()
  if (!says.test(said)) throw new Error(`what was unpacked says that it is "${said}"`)
  return home
}

/**
 * Unpacks a server of Debian 13 beside the system, in a folder with the name of its version. Two processes may do so at
 * once: the folder appears when it is whole, and who comes second throws away what it has.
 */
export const unpackServer = ({ version, says }, servers) => {
  mkdirSync(servers, { recursive: true })
  const work = mkdtempSync(join(servers, '.unpacking-'))
  try {
    const files = download(work, [...LIBRARIES, ...PACKAGES[version]])
    const home = unpack(work, version, files, says)
    try {
      renameSync(home, join(servers, version))
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
