import assert from 'node:assert/strict'
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, createApplication, install } from './application.mjs'
import { attempt, run } from './command.mjs'
import { onRedis } from './context.mjs'
import { request, serve } from './http-application.mjs'
import { readBlock } from './markdown.mjs'

const SAMPLE = 'sample/01-support-agent'
const NEST = ['@nestjs/common@12', '@nestjs/core@12', '@nestjs/platform-express@12', '@nestjs/terminus@12']
const FURTHER = ['ioredis@6', 'class-transformer', 'class-validator', 'decimal.js', 'reflect-metadata', 'rxjs']
const ESBUILD = 'esbuild@0.28.2'
const EXACT = 'application/vnd.agent-memory+json'
const OWED = { $type: ['Money', 1, [{ $type: ['Decimal', 1, '129.9'] }, 'EUR']] }

/** Compiles the sample against the packed package. */
const compileSample = async ({ root, folder, guide }, tarball) => {
  const app = createApplication(join(folder, 'bundled'))
  const compile = ['-p', `${SAMPLE}/tsconfig.json`, '--outDir', join(app, 'dist')]
  await run(binary(root, 'tsc'), compile, { cwd: root })
  await install(app, [tarball, ...NEST, ...FURTHER, ESBUILD])
  return { app, script: readBlock(guide, '## Bundling', 'js') }
}

/** Bundles it, and puts it where nothing else is installed but class-transformer. */
const bundleSample = async (app, script, home) => {
  writeFileSync(join(app, 'bundle.mjs'), script)
  await run(process.execPath, ['bundle.mjs'], { cwd: app })
  const beside = join('node_modules', 'class-transformer')
  mkdirSync(join(home, beside), { recursive: true })
  cpSync(join(app, beside), join(home, beside), { recursive: true })
  cpSync(join(app, 'bundle'), home, { recursive: true })
  return `${(statSync(join(home, 'main.mjs')).size / 1_000_000).toFixed(1)} MB`
}

/** A turn, an instance of a class on its way in and out, input that is refused, and health. */
const converse = async (url) => {
  const agent = `${url}/agents/bundled`
  const say = (body, type) => request(`${agent}/messages`, { body, headers: type && { 'content-type': type } })
  const turn = await say({ content: 'My name is Ada.' })
  assert.equal(turn.status, 201)
  assert.equal(turn.body.reply.content, 'Noted: your name is Ada.')
  assert.equal((await say({ content: 'What do I owe?', state: { owed: OWED } }, EXACT)).status, 201)
  const state = await request(`${agent}/state`, { headers: { accept: EXACT } })
  assert.deepEqual(state.body.values.owed, OWED)
  assert.equal((await say({ content: '' })).status, 400)
  assert.equal((await request(`${url}/health`)).status, 200)
}

/** What the guide keeps out of the bundle, in it: what its decorators hide is not to go out. */
const checkInlined = async (app, script, home) => {
  const inlined = script.replace("'class-transformer',", '')
  assert.notEqual(inlined, script, 'the guide keeps class-transformer out of the bundle')
  await bundleSample(app, inlined, home)
  const { code, stdout, stderr } = await attempt(process.execPath, ['main.mjs'], { cwd: home, env: { PORT: '0' } })
  assert.notEqual(code, 0, 'it does not start')
  const [problem] = /class-transformer: a bundle .+/u.exec(stdout + stderr) ?? []
  assert(problem, `it says why:\n${stdout}${stderr}`)
  return problem
}

/** The sample in one file. */
export const checkBundle = async (context, tarball) => {
  const { report, folder } = context
  const home = join(folder, 'bundle')
  let compiled
  const bundled = await report.check('esbuild: the sample', async () => {
    compiled = await compileSample(context, tarball)
    return bundleSample(compiled.app, compiled.script, home)
  })
  if (!bundled) return
  await report.check('esbuild: it boots and answers', () =>
    onRedis(context, (redisUrl) =>
      serve({ program: process.execPath, args: ['main.mjs'], cwd: home, env: { REDIS_URL: redisUrl } }, converse),
    ),
  )
  await report.check('esbuild: it does not start with class-transformer inside', () =>
    checkInlined(compiled.app, compiled.script, join(folder, 'inlined')),
  )
}
