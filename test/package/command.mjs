import { spawn } from 'node:child_process'

/** @typedef {{ code: number | null, stdout: string, stderr: string, exitMs: number }} Outcome */

const TIMEOUT_MS = 120_000

/** Every process that runs, with all it started, so that none outlives this one. */
const running = new Set()
const kill = ({ pid }) => {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
process.on('exit', () => running.forEach(kill))

/**
 * Runs a program to its end, whatever that is. `exitMs` is how long it went on after the last thing it printed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: Record<string, string | undefined>, timeout?: number }} options
 * @returns {Promise<Outcome>}
 */
export const attempt = (program, args, { cwd, env = {}, timeout = TIMEOUT_MS }) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(child)
    const late = setTimeout(() => kill(child), timeout)
    let lastOutput = performance.now()
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        lastOutput = performance.now()
        texts[name] += text
      })
    }
    let exitMs = 0
    child.on('exit', () => (exitMs = performance.now() - lastOutput))
    child.on('close', (code) => {
      running.delete(child)
      clearTimeout(late)
      resolve({ code, ...texts, exitMs })
    })
    child.on('error', reject)
  })

/** The same, for a program that has to succeed. @throws Error with what it printed when it does not */
export const run = async (program, args, options) => {
  const outcome = await attempt(program, args, options)
  if (outcome.code === 0) return outcome
  const end = outcome.code === null ? 'was ended by a signal' : `ended with ${outcome.code}`
  throw new Error(`${[program, ...args].join(' ')} ${end}\n${outcome.stdout}${outcome.stderr}`)
}
