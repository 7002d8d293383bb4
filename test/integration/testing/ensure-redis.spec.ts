import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const UNREACHABLE_ENGINE = 'unix:///no/such/docker.sock'

describe('scripts/ensure-redis.mjs', () => {
  let path: string
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'agent-memory-path-'))
  })
  afterEach(() => rmSync(path, { recursive: true }))

  const program = (name: string, body: string): void => {
    writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(path, name), 0o755)
  }

  /** Package managers that write down what they are told, and "install" a server. */
  const packageManagers = (): void => {
    const log = `echo "$(/usr/bin/basename "$0" 2>/dev/null) $*" >>"${path}/log"`
    const install = `case "$*" in *install*redis*) echo '#!/bin/sh' >"${path}/redis-server"; /bin/chmod 755 "${path}/redis-server";; esac`
    for (const name of ['apt-get', 'brew']) program(name, `${log}\n${install}`)
    program('sudo', `[ "$1" = -n ] && exit 0\n"$@"`)
  }

  const run = (environment: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/ensure-redis.mjs'], {
      encoding: 'utf8',
      env: { PATH: path, DOCKER_HOST: UNREACHABLE_ENGINE, ...environment },
    })
    return { status, stdout, stderr }
  }

  it('says in one line that there is a URL', () => {
    expect(run({ AGENT_MEMORY_TEST_REDIS_URL: 'redis://127.0.0.1:6379' })).toEqual({
      status: 0,
      stdout: 'redis: the one in AGENT_MEMORY_TEST_REDIS_URL\n',
      stderr: '',
    })
  })

  it.each(['redis-server', 'valkey-server'])('says in one line that there is a %s', (name) => {
    program(name, '')
    expect(run()).toEqual({ status: 0, stdout: `redis: ${join(path, name)}\n`, stderr: '' })
  })

  it('says what it is going to do, and does it, when it may', () => {
    packageManagers()
    const { status, stdout } = run()
    expect(stdout).toMatch(
      /^redis: there is none\. Installing redis-server with the system's package manager: .*install/,
    )
    expect(stdout).toContain(`redis: installed ${join(path, 'redis-server')}\n`)
    expect(status).toBe(0)
    expect(readFileSync(join(path, 'log'), 'utf8')).toMatch(/ install .*redis/)
  })

  it('fails when the package manager does', () => {
    for (const name of ['apt-get', 'brew']) program(name, 'exit 100')
    program('sudo', `[ "$1" = -n ] && exit 0\n"$@"`)
    const { status, stderr } = run()
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^redis: ".*" failed\n$/) })
  })

  it('prints the command to run when it may not, and installs nothing', () => {
    const { status, stdout, stderr } = run()
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/there is none\. Run this, or start Docker.*\n\n  .*install.*redis.*\n/)
    expect(existsSync(join(path, 'redis-server'))).toBe(false)
  })

  it.each([
    [{ AGENT_MEMORY_TEST_BACKEND: 'url' }, 'needs AGENT_MEMORY_TEST_REDIS_URL'],
    [{ AGENT_MEMORY_TEST_BACKEND: 'docker' }, 'no Docker engine answers'],
    [{ AGENT_MEMORY_TEST_REDIS_BINARY: '/no/such/server' }, 'names no file that can be executed'],
  ])('installs nothing in place of what is asked for: %j', (environment, message) => {
    packageManagers()
    const { status, stderr } = run(environment)
    expect(status).toBe(1)
    expect(stderr).toContain(message)
    expect(existsSync(join(path, 'log'))).toBe(false)
  })
})
