import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const UNREACHABLE_ENGINE = 'unix:///no/such/docker.sock'
const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
const codename = /^ID=debian$/m.test(release) ? /^VERSION_CODENAME=(bookworm|trixie)$/m.exec(release)?.[1] : undefined

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

  const servers = (): string => join(path, 'nestjs-agent-memory', 'servers')

  /** An apt that names a mirror and fetches one package, and a dpkg that unpacks a server from it. */
  const debian = (says: string): void => {
    program(
      'apt-get',
      `echo "$*" >>"${path}/log"
case "$*" in
  *--print-uris*) echo "'http://127.0.0.1:1/debian/dists/${codename}/InRelease' x 0" ;;
  *download*) echo >package.deb ;;
esac`,
    )
    const loaders = '"$3/usr/lib64/ld-linux-x86-64.so.2" "$3/usr/lib/ld-linux-aarch64.so.1"'
    program(
      'dpkg-deb',
      `/bin/mkdir -p "$3/usr/lib64" "$3/usr/lib"
for loader in ${loaders}; do printf '#!/bin/sh\\n%s\\n' '${says}' >"$loader"; /bin/chmod 755 "$loader"; done`,
    )
  }

  const run = (environment: Record<string, string> = {}, ...versions: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/ensure-redis.mjs', ...versions], {
      encoding: 'utf8',
      env: { PATH: path, XDG_CACHE_HOME: path, DOCKER_HOST: UNREACHABLE_ENGINE, ...environment },
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

  describe('with versions', () => {
    const SAYS_7 = 'echo "Redis server v=7.0.15 sha=00000000:0"'
    const SAYS_8 = 'echo "Redis server v=8.0.2 sha=00000000:0"'
    const SAYS_VALKEY = 'echo "Valkey server v=8.1.1 sha=00000000:0"'

    it('says where each of them is: in PATH, or unpacked', () => {
      program('redis-server', SAYS_7)
      mkdirSync(join(servers(), '8'), { recursive: true })
      program('nestjs-agent-memory/servers/8/redis-server', SAYS_8)
      program('valkey-server', SAYS_VALKEY)
      expect(run({}, '7', '8', 'valkey8')).toEqual({
        status: 0,
        stdout: [
          `Redis 7: ${join(path, 'redis-server')}`,
          `Redis 8: ${join(servers(), '8', 'redis-server')}`,
          `Valkey 8: ${join(path, 'valkey-server')}\n`,
        ].join('\n'),
        stderr: '',
      })
    })

    it('takes the one in AGENT_MEMORY_TEST_REDIS_VERSION', () => {
      program('valkey-server', SAYS_VALKEY)
      const { status, stdout } = run({ AGENT_MEMORY_TEST_REDIS_VERSION: 'valkey8' })
      expect({ status, stdout }).toEqual({ status: 0, stdout: `Valkey 8: ${join(path, 'valkey-server')}\n` })
    })

    it.each([
      ['redis-server', SAYS_7, '8', /^Redis 8: there is none\..* put a redis-server of this version into PATH/],
      ['redis-server', SAYS_8, '7', /^Redis 7: there is none\./],
      ['redis-server', SAYS_VALKEY, '8', /^Redis 8: there is none\./],
      ['valkey-server', SAYS_8, 'valkey8', /^Valkey 8: there is none\..* Docker, which is asked for valkey\/valkey:8/],
    ])('takes no other one: a %s that says %j is none for %s', (name, says, version, message) => {
      program(name, says)
      expect(run({}, version)).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(message) })
    })

    it('takes no other one that is named', () => {
      program('other', SAYS_7)
      packageManagers()
      const { status, stderr } = run({ AGENT_MEMORY_TEST_REDIS_BINARY: join(path, 'other') }, '8')
      expect(status).toBe(1)
      expect(stderr).toMatch(/^Redis 8: AGENT_MEMORY_TEST_REDIS_BINARY names no /)
      expect(existsSync(join(path, 'log'))).toBe(false)
    })

    it.each(['9', 'toString', ''])('knows no version %j', (version) => {
      const { status, stderr } = run({}, version)
      expect({ status, stderr }).toEqual({ status: 1, stderr: 'redis: a version must be one of 7, 8, valkey8\n' })
    })

    const describeOnDebian = codename === undefined ? describe.skip : describe

    describeOnDebian('that the system does not have, on Debian 12 and 13', () => {
      it('unpacks it, once, and leaves nothing else behind', () => {
        debian(SAYS_8)
        program('redis-server', SAYS_7)
        const { status, stdout, stderr } = run({}, '8')
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        expect(stdout.split('\n').slice(1)).toEqual([`Redis 8: ${join(servers(), '8', 'redis-server')}`, ''])
        expect(readdirSync(servers())).toEqual(['8'])
        const log = readFileSync(join(path, 'log'), 'utf8')
        expect(log).toMatch(/ download .*redis-server/)
        expect(run({}, '8').status).toBe(0)
        expect(readFileSync(join(path, 'log'), 'utf8')).toBe(log)
      })

      it('may do so in two processes at once', async () => {
        debian(SAYS_VALKEY)
        // Each waits with what it fetched until the other one has it, too.
        program(
          'apt-get',
          `case "$*" in
  *--print-uris*) echo "'http://127.0.0.1:1/debian/dists/${codename}/InRelease' x 0" ;;
  *download*) echo >package.deb; echo fetched >>"${path}/log"
    for turn in $(/usr/bin/seq 1000); do [ "$(/usr/bin/wc -l <"${path}/log")" = 2 ] && exit; /bin/sleep 0.01; done; exit 1 ;;
esac`,
        )
        const processes = [1, 2].map(() =>
          spawn(process.execPath, ['scripts/ensure-redis.mjs', 'valkey8'], {
            env: { PATH: path, XDG_CACHE_HOME: path, DOCKER_HOST: UNREACHABLE_ENGINE },
            stdio: 'ignore',
          }),
        )
        const ends = await Promise.all(processes.map((child) => once(child, 'exit')))
        expect(ends.map(([status]: unknown[]) => status)).toEqual([0, 0])
        expect(readdirSync(servers())).toEqual(['valkey8'])
      })

      it('refuses what is another version, and leaves nothing behind', () => {
        debian('echo "Redis server v=9.0.0"')
        const { status, stderr } = run({}, '8')
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: 'Redis 8: what was unpacked says that it is "Redis server v=9.0.0"\n',
        })
        expect(readdirSync(servers())).toEqual([])
      })

      it('says what apt said when it fails, and leaves nothing behind', () => {
        debian(SAYS_8)
        program(
          'apt-get',
          `case "$*" in *--print-uris*) echo "'http://127.0.0.1:1/dists/${codename}/InRelease' x 0" ;; *) echo 'E: not signed' >&2; exit 100 ;; esac`,
        )
        expect(run({}, '8')).toMatchObject({ status: 1, stderr: 'Redis 8: "apt-get update" failed: E: not signed\n' })
        expect(readdirSync(servers())).toEqual([])
      })
    })
  })
})
