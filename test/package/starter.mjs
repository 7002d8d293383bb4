import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binary, install } from './application.mjs'
import { run } from './command.mjs'
import { request, serve } from './http-application.mjs'

const FIXTURES = fileURLToPath(new URL('fixtures/starter/', import.meta.url))

/** The application that `nest new` makes, with what it has installed, the packed package and a few more. */
export const createStarter = async ({ nest, folder, name, packages }) => {
  await run(nest, ['new', name, '--skip-install', '--skip-git', '--package-manager', 'npm'], { cwd: folder })
  const app = join(folder, name)
  await install(app, packages)
  return app
}

/** The CLI of Nest as it was in an earlier major. */
export const installCli = async (major, folder) => {
  const home = join(folder, `cli-${major}`)
  mkdirSync(home)
  await install(home, [`@nestjs/cli@${major}`, `@nestjs/schematics@${major}`])
  return binary(home, 'nest')
}

/** Adds a module with a route that appends, one that reads, and the health of both; then builds with the starter's own settings. */
export const buildStarter = async (app) => {
  await run(binary(app, 'nest'), ['generate', 'module', 'agent'], { cwd: app })
  for (const file of ['agent.module.ts', 'agent.spec.ts'])
    copyFileSync(join(FIXTURES, 'agent', file), join(app, 'src', 'agent', file))
  await run('npm', ['run', '--silent', 'build'], { cwd: app })
}

/**
 * Talks to the application over HTTP: it keeps what it is told, and Terminus says that its memory is up. Answers with the versions
 * that it says it has.
 *
 * @param {{ app: string, redisUrl: string, major: number, node: number, program: string, args: readonly string[] }} settings
 */
export const checkStarter = ({ app, redisUrl, major, node, program, args }) =>
  serve({ program, args, cwd: app, env: { REDIS_URL: redisUrl } }, async (url) => {
    const chat = `${url}/chats/${randomUUID()}`
    const appended = await request(chat, { body: { content: 'I arrive on 10 March 2031.' } })
    assert.equal(appended.status, 201)
    const { status, body } = await request(chat)
    assert.equal(status, 200)
    assert.deepEqual(
      body.messages.map(({ seq, content }) => [seq, content]),
      [[1, 'I arrive on 10 March 2031.']],
    )
    const health = await request(`${url}/health`)
    assert.equal(health.status, 200)
    assert.equal(health.body.details.memory.status, 'up')
    const nest = (await request(`${url}/versions/@nestjs/core`)).body
    const terminus = (await request(`${url}/versions/@nestjs/terminus`)).body
    const ioredis = (await request(`${url}/versions/ioredis`)).body
    const majors = [nest.node, nest.version, terminus.version].map((version) => Number(version.split('.')[0]))
    assert.deepEqual(majors, [node, major, major])
    return `Node ${nest.node}, Nest ${nest.version}, Terminus ${terminus.version}, ioredis ${ioredis.version}`
  })

/** Type checks with the settings of Nest applications from before nodenext: every entry has types there, too. */
export const checkCommonJsTypes = async (app, specifiers) => {
  const file = 'src/every-entry.ts'
  writeFileSync(join(app, file), specifiers.map((specifier, i) => `export * as e${i} from '${specifier}';\n`).join(''))
  const compilerOptions = {
    module: 'commonjs',
    moduleResolution: 'node10',
    resolvePackageJsonExports: false,
    incremental: false,
    noEmit: true,
  }
  writeFileSync(
    join(app, 'tsconfig.commonjs.json'),
    JSON.stringify({ extends: './tsconfig.build.json', compilerOptions }),
  )
  await run(binary(app, 'tsc'), ['-p', 'tsconfig.commonjs.json'], { cwd: app })
}
