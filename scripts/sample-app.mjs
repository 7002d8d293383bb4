// Runs a sample application as a process of its own: for the demo and for `npm start`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const SAMPLES = new URL('../sample/', import.meta.url)
const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 10_000
const OUTPUT_LINES = 40

/** Every child that runs, so that none outlives this process, however it ends. */
const running = new Set()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Ends the application when the process that started it is gone, also when that one was killed. */
const FOLLOW_PARENT = `data:text/javascript,process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))`

/** Those without GET /health are up once they listen. */
const isHealthy = async (url) => {
  if (!url.startsWith('http:')) return true
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) })
    await response.body?.cancel()
    return response.ok || response.status === 404
  } catch {
    return false
  }
}

/** The samples, by the names of their folders. */
export const sampleNames = () =>
  readdirSync(SAMPLES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

/**
 * Starts a sample and waits until it is up, and its memory, if GET /health tells.
 *
 * @param {{ name?: string, redisUrl: string, port?: number, env?: Record<string, string>, echo?: boolean }} options
 *   `port` 0 takes a free one; `echo` passes the application's log on
 */
export const startSample = async ({ name = '01-support-agent', redisUrl, port = 0, env = {}, echo = false }) => {
  const main = fileURLToPath(new URL(`${name}/dist/main.js`, SAMPLES))
  if (!existsSync(main)) throw new Error(`${main} is missing: build the library and the samples first`)
  const child = spawn(process.execPath, ['--import', FOLLOW_PARENT, main], {
    env: { ...process.env, NO_COLOR: '1', ...env, REDIS_URL: redisUrl, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C in the terminal reaches this process, which then stops the child in order.
    detached: true,
  })
  running.add(child)
  const exited = once(child, 'exit').finally(() => running.delete(child))

  /** @type {string | undefined} */
  let url
  const output = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      if (echo) process.stdout.write(text)
      output.push(...text.trimEnd().split('\n'))
      output.splice(0, output.length - OUTPUT_LINES)
      url ??= /listening on (\S+:\/\/\S+)/u.exec(text)?.[1]
    })
  }

  const isUp = async () => url !== undefined && (await isHealthy(url))
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await isUp())) {
    if (!running.has(child)) throw new Error(`The sample ended at its start:\n${output.join('\n')}`)
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`The sample was not up after ${START_TIMEOUT_MS} ms:\n${output.join('\n')}`)
    }
    await sleep(50)
  }

  return {
    url: String(url),
    pid: child.pid,
    exited,
    /** Ends it as an orchestrator would; answers whether it went in time by itself. */
    stop: async () => {
      child.kill('SIGTERM')
      const late = new AbortController()
      const inTime = await Promise.race([
        exited.then(() => true),
        sleep(STOP_TIMEOUT_MS, false, { signal: late.signal }).catch(() => false),
      ])
      late.abort()
      if (!inTime) child.kill('SIGKILL')
      await exited
      return inTime
    },
  }
}
