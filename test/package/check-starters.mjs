import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CURRENT_NODE, provideNode } from '../../scripts/compatibility/node-binary.mjs'
import { binary } from './application.mjs'
import { onRedis } from './context.mjs'
import { checkNestAdd } from './nest-add.mjs'
import { checkJest, checkVitest } from './starter-tests.mjs'
import { buildStarter, checkCommonJsTypes, checkStarter, createStarter, installCli } from './starter.mjs'

const NODES = [20, 24]
const ES_MODULES = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning']

const createStarters = async ({ root, folder }, tarball) => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const swc = ['@swc/core', '@swc/jest'].map((name) => `${name}@${packages[`node_modules/${name}`].version}`)
  const create = (major, nest, further) =>
    createStarter({
      nest,
      folder,
      name: `starter-${major}`,
      packages: [tarball, `@nestjs/terminus@${major}`, 'class-validator', ...further],
    })
  return {
    11: await create(11, await installCli(11, folder), ['ioredis@5.11', ...swc]),
    12: await create(12, binary(root, 'nest'), ['ioredis@6']),
  }
}

/** What `nest new` makes, of both majors: ESM with Vitest on Nest 12, CommonJS with Jest on Nest 11. */
export const checkStarters = async (context, tarball) => {
  const { folder, guide, specifiers, report } = context
  let nodes
  let apps
  const created = await report.check('starters: nest new and npm install', async () => {
    nodes = Object.fromEntries(await Promise.all(NODES.map(async (major) => [major, await provideNode(major, folder)])))
    apps = await createStarters(context, tarball)
  })
  if (!created) return
  for (const [major, app] of Object.entries(apps)) {
    const check = (name, work) => report.check(`starter of Nest ${major}: ${name}`, work)
    await check('nest add', () => checkNestAdd(app))
    await check('nest build', () => buildStarter(app))
    const talk = (node, program, args) =>
      onRedis(context, (redisUrl) => checkStarter({ app, redisUrl, major: Number(major), node, program, args }))
    await check('nest start', () => talk(CURRENT_NODE, binary(app, 'nest'), ['start']))
    for (const node of NODES) await check(`Node ${node}`, () => talk(node, nodes[node], ['dist/main']))
  }
  await report.check('starter of Nest 12: its tests, with Vitest', () => checkVitest(apps[12]))
  const check = (name, work) => report.check(`starter of Nest 11: ${name}`, work)
  await check('types of every entry, module commonjs', () => checkCommonJsTypes(apps[11], specifiers))
  const jest = { app: apps[11], guide }
  await check('Jest, tests as ES modules, Node 20', () =>
    checkJest({ ...jest, heading: '### Jest, with tests as ES modules', node: nodes[20], options: ES_MODULES }),
  )
  await check('Jest, tests in CommonJS, Node 20', () =>
    checkJest({ ...jest, heading: '### Jest, with tests in CommonJS', node: nodes[20] }),
  )
  await check('Jest, its own settings, Node 24', () => checkJest({ ...jest, node: nodes[24], options: ES_MODULES }))
}
