import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

/**
 * One Redis for the run, or as many as AGENT_MEMORY_TEST_TOPOLOGY asks for. Jest loads this file as CommonJS, without its module mapping, which is why the server is
 * started by a process beside it rather than by an import of the library.
 */
export default async function setup(_globalConfig: unknown, project: { readonly rootDir: string }): Promise<void> {
  // Two projects in one run share the server.
  if (Reflect.has(globalThis, Symbol.for('nestjs-agent-memory:test:shared-redis'))) return
  const support = join(project.rootDir, 'test', 'support')
  const loader = pathToFileURL(join(support, 'typescript-loader.mjs')).href
  const child = spawn(process.execPath, ['--import', loader, join(support, 'shared-redis.ts')], {
    cwd: project.rootDir,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  Reflect.set(globalThis, Symbol.for('nestjs-agent-memory:test:shared-redis'), child)
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('error', reject)
    child.once('exit', () => reject(new Error('there is no Redis for the tests; the reason stands above')))
  })
  // Where it is, and what was printed about it, so that no worker prints it again.
  const environment: Readonly<Record<string, string>> = JSON.parse(line)
  Object.assign(process.env, environment)
}
