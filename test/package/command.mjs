import { spawn } from 'node:child_process'

/** @typedef {{ code: number | null, stdout: string, stderr: string, exitMs: number }} Outcome */

const TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 10_000

/** Every process that runs, with all it started, so that none outlives this one. */
const running = new Set()
const kill = ({ pid }, signal = 'SIGKILL') => {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has just ended.
  }
}
process.on('exit', () => running.forEach((child) => kill(child)))

/**
 * Starts a program. `outcome` settles when it has ended, whatever its end; `exitMs` is how long it went on after the last thing
 * it printed. `stop` ends it and all that it started.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: Record<string, string | undefined> }} options
 * @returns {{ outcome: Promise<Outcome>, stop: (signal?: NodeJS.Signals) => Promise<Outcome> }}
 */
export const start = (program, args, { cwd, env = {} }) => {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  const outcome = new Promise((resolve, reject) => {
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
      resolve({ code, ...texts, exitMs })
    })
    child.on('error', reject)
  })
  const stop = async (signal = 'SIGTERM') => {
    kill(child, signal)
    const late = setTimeout(() => kill(child), STOP_TIMEOUT_MS)
    try {
      return await outcome
    } finally {
      clearTimeout(late)
    }
  }
  return { outcome, stop }
}

/** Runs a program to its end, and ends it when that takes longer than `timeout` ms. @returns {Promise<Outcome>} */
export const attempt = async (program, args, { timeout = TIMEOUT_MS, ...options }) => {
  const { outcome, stop } = start(program, args, options)
  const late = setTimeout(() => void stop('SIGKILL'), timeout)
  try {
    return await outcome
  } finally {
    clearTimeout(late)
  }
}

/** The same, for a program that has to succeed. @throws Error with what it printed when it does not */
export const run = async (program, args, options) => {
  const outcome = await attempt(program, args, options)
  if (outcome.code === 0) return outcome
  const end = outcome.code === null ? 'was ended by a signal' : `ended with ${outcome.code}`
  throw new Error(`${[program, ...args].join(' ')} ${end}\n${outcome.stdout}${outcome.stderr}`)
}
