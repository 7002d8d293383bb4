import { ChildProcess } from 'node:child_process'

const SHARED_REDIS = Symbol.for('nestjs-agent-memory:test:shared-redis')

/** Ends the server of the run, which fails the run when the tests left a key without TTL on it. */
export default async function teardown(): Promise<void> {
  const child: unknown = Reflect.get(globalThis, SHARED_REDIS)
  if (!(child instanceof ChildProcess)) return
  Reflect.deleteProperty(globalThis, SHARED_REDIS)
  const exitCode = await new Promise<number | null>((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode)
    child.once('exit', resolve)
    child.stdin?.end()
  })
  // Nothing of it may keep Jest from ending.
  child.stdout?.destroy()
  if (exitCode !== 0) throw new Error('the Redis of this run did not end well; the reason stands above')
}
