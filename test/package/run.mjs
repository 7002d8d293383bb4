// `npm run test:package`: packs the package, installs the tarball as applications would, and uses it from there.
import { checkBundle } from './check-bundle.mjs'
import { checkPackage } from './check-package.mjs'
import { checkQuickStart } from './check-quick-start.mjs'
import { checkStarters } from './check-starters.mjs'
import { run } from './command.mjs'
import { createContext } from './context.mjs'

const context = createContext()
const { root, report } = context
await run(process.execPath, ['scripts/ensure-redis.mjs'], { cwd: root, env: { AGENT_MEMORY_TEST_BACKEND: 'binary' } })
const tarball = await checkPackage(context)
if (tarball !== undefined && (await checkQuickStart(context, tarball))) {
  await checkBundle(context, tarball)
  await checkStarters(context, tarball)
}
report.print()
process.exitCode = report.failed === 0 ? 0 : 1
