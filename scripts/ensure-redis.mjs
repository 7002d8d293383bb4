#!/usr/bin/env node
// Sees to it that there is a Redis for the tests and the demo. Says in one line what is there; installs redis-server
// when nothing is there and it may; else prints the command to run and fails. It runs before anything is built, so it
// has no dependency.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { delimiter, join } from 'node:path'

// The same as in lib/testing/real-redis/environment.ts, which cannot be imported before the build.
const DEFAULT_IMAGE = 'redis:7.4.2-alpine'
const ENGINE_TIMEOUT_MS = 5_000
const PULL_TIMEOUT_MS = 120_000

const setting = (name) => process.env[name]?.trim() || undefined
const image = setting('AGENT_MEMORY_TEST_REDIS_IMAGE') ?? DEFAULT_IMAGE
const asked = setting('AGENT_MEMORY_TEST_BACKEND')

const say = (text) => console.log(`redis: ${text}`)

const fail = (text) => {
  console.error(`redis: ${text}`)
  process.exitCode = 1
}

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const find = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)

const findServer = () => {
  const named = setting('AGENT_MEMORY_TEST_REDIS_BINARY')
  if (named !== undefined) return isExecutable(named) ? named : undefined
  return find('redis-server') ?? find('valkey-server')
}

/** Where the Docker engine listens: DOCKER_HOST or the usual socket; undefined when there is nothing to ask. */
const engineAddress = () => {
  const host = setting('DOCKER_HOST') ?? 'unix:///var/run/docker.sock'
  if (!URL.canParse(host)) return undefined
  const url = new URL(host)
  if (url.protocol === 'unix:') return existsSync(url.pathname) ? { socketPath: url.pathname } : undefined
  // An engine behind TLS or ssh is left to Testcontainers.
  return url.protocol === 'tcp:' ? { host: url.hostname, port: url.port || 2375 } : undefined
}

/** The status of one request to the Docker engine, after the whole answer has come; undefined when none came. */
const askEngine = (method, path, timeout) => {
  const address = engineAddress()
  if (address === undefined) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const asking = request({ ...address, method, path, signal: AbortSignal.timeout(timeout) }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
      response.on('error', () => resolve(undefined))
    })
    asking.on('error', () => resolve(undefined))
    asking.end()
  })
}

const engineAnswers = async () => (await askEngine('GET', '/_ping', ENGINE_TIMEOUT_MS)) === 200
const engineHasImage = async () =>
  (await askEngine('GET', `/images/${encodeURIComponent(image)}/json`, ENGINE_TIMEOUT_MS)) === 200

const enginePullsImage = async () => {
  if (!(await engineAnswers())) return false
  say(`Docker answers, and has no ${image} yet: pulling it`)
  await askEngine('POST', `/images/create?fromImage=${encodeURIComponent(image)}`, PULL_TIMEOUT_MS)
  return await engineHasImage()
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

const install = () => {
  const { commands, allowed } = installation()
  const line = commands.map((command) => command.join(' ')).join(' && ')
  if (!allowed)
    return fail(`there is none. Run this, or start Docker, or set AGENT_MEMORY_TEST_REDIS_URL:\n\n  ${line}\n`)
  say(`there is none. Installing redis-server with the system's package manager: ${line}`)
  for (const [program, ...args] of commands) {
    const { status } = spawnSync(program, args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) return fail(`"${[program, ...args].join(' ')}" failed`)
  }
  const server = findServer()
  if (server === undefined) return fail('it was installed, but there is no redis-server in PATH')
  say(`installed ${server}`)
}

const wants = (backend) => asked === undefined || asked === backend

if (wants('url') && setting('AGENT_MEMORY_TEST_REDIS_URL') !== undefined) say('the one in AGENT_MEMORY_TEST_REDIS_URL')
else if (asked === 'url') fail('AGENT_MEMORY_TEST_BACKEND=url needs AGENT_MEMORY_TEST_REDIS_URL')
else if (wants('docker') && (await engineHasImage())) say(`Docker, with the image ${image}`)
else if (wants('binary') && findServer() !== undefined) say(findServer())
else if (wants('docker') && (await enginePullsImage())) say(`Docker, with the image ${image}`)
else if (asked === 'docker') fail(`no Docker engine answers that has ${image} or can pull it`)
else if (setting('AGENT_MEMORY_TEST_REDIS_BINARY') !== undefined)
  fail('AGENT_MEMORY_TEST_REDIS_BINARY names no file that can be executed')
else install()
