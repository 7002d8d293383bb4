import assert from 'node:assert/strict'
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, createApplication, install } from './application.mjs'
import { run } from './command.mjs'
import { onRedis } from './context.mjs'
import { request, serve } from './http-application.mjs'
import { readBlock } from './markdown.mjs'

const SAMPLE = 'sample/01-support-agent'
const NEST = ['@nestjs/common@12', '@nestjs/core@12', '@nestjs/platform-express@12', '@nestjs/terminus@12']
const FURTHER = ['ioredis@6', 'class-transformer', 'class-validator', 'decimal.js', 'reflect-metadata', 'rxjs']
const ESBUILD = 'esbuild@0.28.2'
const EXACT = 'application/vnd.agent-memory+json'
const OWED = { $type: ['Money', 1, [{ $type: ['Decimal', 1, '129.9'] }, 'EUR']] }

/** Bundles the compiled sample with the packed package as the guide says, and puts it where nothing else is installed. */
const bundleSample = async ({ root, folder, guide }, tarball, home) => {
  const app = createApplication(join(folder, 'bundled'))
  const compile = ['-p', `${SAMPLE}/tsconfig.json`, '--outDir', join(app, 'dist')]
  await run(binary(root, 'tsc'), compile, { cwd: root })
  await install(app, [tarball, ...NEST, ...FURTHER, ESBUILD])
  writeFileSync(join(app, 'bundle.mjs'), readBlock(guide, '## Bundling', 'js'))
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

/** The sample in one file. */
export const checkBundle = async (context, tarball) => {
  const home = join(context.folder, 'bundle')
  const bundled = await context.report.check('esbuild: the sample', () => bundleSample(context, tarball, home))
  if (!bundled) return
  await context.report.check('esbuild: it boots and answers', () =>
    onRedis(context, (redisUrl) =>
      serve({ program: process.execPath, args: ['main.mjs'], cwd: home, env: { REDIS_URL: redisUrl } }, converse),
    ),
  )
}
