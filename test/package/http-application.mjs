import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from './command.mjs'

const START_TIMEOUT_MS = 60_000
const REQUEST_TIMEOUT_MS = 10_000

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const answers = async (url) => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    await response.arrayBuffer()
    return true
  } catch {
    return false
  }
}

/** GET, or POST of a body of JSON (or of another type if `headers` name one); answers with status and body. */
export const request = async (url, { body, headers = {} } = {}) => {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  return { status: response.status, body: await response.json() }
}

/**
 * Starts a program that serves HTTP on PORT, uses it once it answers, and ends it.
 *
 * @template T
 * @param {{ program: string, args: readonly string[], cwd: string, env?: Record<string, string | undefined> }} command
 * @param {(url: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export const serve = async ({ program, args, cwd, env }, use) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const clean = { NODE_ENV: undefined, NODE_OPTIONS: undefined, NO_COLOR: '1', FORCE_COLOR: undefined }
  const { outcome, stop } = start(program, args, { cwd, env: { ...clean, ...env, PORT: String(port) } })
  let ended = false
  void outcome.then(() => (ended = true))
  let failure
  try {
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!(await answers(url))) {
      if (ended || performance.now() > deadline) throw new Error(ended ? 'it ended at its start' : 'it does not answer')
      await sleep(50)
    }
    return await use(url)
  } catch (error) {
    failure = error
    throw error
  } finally {
    const { stdout, stderr } = await stop()
    if (failure instanceof Error) failure.message += `\n${[program, ...args].join(' ')}:\n${stdout}${stderr}`
  }
}
