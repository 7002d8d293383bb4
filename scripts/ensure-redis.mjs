#!/usr/bin/env node
// Sees to it that there is a Redis for the tests and the demo. Says in one line what is there; installs redis-server
// when nothing is there and it may; else prints the command to run and fails. Arguments: the versions that there have to
// be (7, 8, valkey8); without, the one in AGENT_MEMORY_TEST_REDIS_VERSION, or any. It runs before anything is built, so it
// has no dependency.
import { spawnSync } from 'node:child_process'
import { canUnpack, unpackServer } from './servers/debian-packages.mjs'
import { engineAnswers, engineHasImage, enginePulls } from './servers/docker-engine.mjs'
import { find, findServer, KNOWN_VERSIONS, serversFolder, setting, wantedOf } from './servers/settings.mjs'

const asked = setting('AGENT_MEMORY_TEST_BACKEND')

const say = ({ label }, text) => console.log(`${label}: ${text}`)

const fail = ({ label }, text) => {
  console.error(`${label}: ${text}`)
  process.exitCode = 1
}

const pulls = async (wanted) => {
  if (!(await engineAnswers())) return false
  say(wanted, `Docker answers, and has no ${wanted.image} yet: pulling it`)
  return await enginePulls(wanted.image)
}

/** The commands that install a server here, and whether they may be run without asking for a password. */
const installation = () => {
  if (process.platform === 'darwin')
    return { commands: [['brew', 'install', 'redis']], allowed: find('brew') !== undefined }
  const update = ['apt-get', 'update']
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', 'redis-server']
  const apt = find('apt-get') !== undefined
  if (process.getuid?.() === 0) return { commands: [update, install], allowed: apt }
  const sudo = find('sudo') !== undefined && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
  return { commands: [update, install].map((command) => ['sudo', ...command]), allowed: apt && sudo }
}

const install = (wanted) => {
  const { commands, allowed } = installation()
  const line = commands.map((command) => command.join(' ')).join(' && ')
  if (!allowed)
    return fail(wanted, `there is none. Run this, or start Docker, or set AGENT_MEMORY_TEST_REDIS_URL:\n\n  ${line}\n`)
  say(wanted, `there is none. Installing redis-server with the system's package manager: ${line}`)
  for (const [program, ...args] of commands) {
    const { status } = spawnSync(program, args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) return fail(wanted, `"${[program, ...args].join(' ')}" failed`)
  }
  const server = findServer(wanted)
  if (server === undefined) return fail(wanted, `it was installed, but there is no redis-server of it in PATH`)
  say(wanted, `installed ${server}`)
}

const unpack = (wanted) => {
  say(wanted, `there is none. Unpacking that of Debian 13 into ${serversFolder()}`)
  try {
    unpackServer(wanted, serversFolder())
    say(wanted, findServer(wanted) ?? 'unpacked')
  } catch (error) {
    fail(wanted, error.message)
  }
}

const howToGet = ({ program, image }) =>
  `there is none. This command unpacks one on Debian 12 and 13; elsewhere put a ${program} of this version into PATH, name it in AGENT_MEMORY_TEST_REDIS_BINARY, or start Docker, which is asked for ${image}`

const wants = (backend) => asked === undefined || asked === backend

const provide = async (wanted) => {
  if (wants('url') && setting('AGENT_MEMORY_TEST_REDIS_URL') !== undefined)
    return say(wanted, 'the one in AGENT_MEMORY_TEST_REDIS_URL')
  if (asked === 'url') return fail(wanted, 'AGENT_MEMORY_TEST_BACKEND=url needs AGENT_MEMORY_TEST_REDIS_URL')
  const { image } = wanted
  if (wants('docker') && (await engineHasImage(image))) return say(wanted, `Docker, with the image ${image}`)
  const server = wants('binary') ? findServer(wanted) : undefined
  if (server !== undefined) return say(wanted, server)
  if (wants('docker') && (await pulls(wanted))) return say(wanted, `Docker, with the image ${image}`)
  if (asked === 'docker') return fail(wanted, `no Docker engine answers that has ${image} or can pull it`)
  if (setting('AGENT_MEMORY_TEST_REDIS_BINARY') !== undefined)
    return fail(
      wanted,
      `AGENT_MEMORY_TEST_REDIS_BINARY names no file that can be executed${wanted.version === undefined ? '' : ' and is of this version'}`,
    )
  if (canUnpack(wanted.version)) return unpack(wanted)
  // What a system installs is of the version that it has.
  if (wanted.version === undefined || (wanted.version === '7' && find('redis-server') === undefined))
    return install(wanted)
  return fail(wanted, howToGet(wanted))
}

const named = process.argv.slice(2)
const versions = named.length > 0 ? named : [setting('AGENT_MEMORY_TEST_REDIS_VERSION')]
const unknown = versions.filter((version) => wantedOf(version) === undefined)
if (unknown.length > 0) fail({ label: 'redis' }, `a version must be one of ${KNOWN_VERSIONS.join(', ')}`)
else for (const version of new Set(versions)) await provide(wantedOf(version))
