import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { NODE_FLAGS } from './node-flags.mjs'

const ENTRY = fileURLToPath(new URL('./target-process.mjs', import.meta.url))
/** How long a process may take to say that it ends, in ms. */
const CLOSE_TIMEOUT = 5_000

/** What a process answered with instead of a result. */
export class TargetError extends Error {
  constructor({ message, short, isWrong = false, isLate = false }) {
    super(message)
    this.short = short.split('\n')[0]
    /** Something came back that is not true. */
    this.isWrong = isWrong
    /** It took too long. */
    this.isLate = isLate
  }
}

/** A process that makes the calls of one target. */
export class TargetProcess {
  #child
  #waiting = new Map()
  #ids = 0

  constructor(module, settings) {
    const path = new URL(module, new URL('../', import.meta.url)).href
    this.#child = fork(ENTRY, [path, JSON.stringify(settings)], {
      execArgv: [...NODE_FLAGS, '--expose-gc'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#waiting.get(id) ?? {}
      this.#waiting.delete(id)
      if (error === undefined) resolve?.(result)
      else reject?.(new TargetError(error))
    })
    this.#child.on('exit', () => {
      const ended = new TargetError({ message: 'its process ended', short: 'its process ended' })
      for (const { reject } of this.#waiting.values()) reject(ended)
      this.#waiting.clear()
    })
  }

  /** @param {number} limit in ms @throws TargetError */
  async ask(method, args = [], limit = 120_000) {
    if (!this.#child.connected) throw new TargetError({ message: 'it ended', short: 'its process ended' })
    const id = (this.#ids += 1)
    let timer
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        const message = `${method}: no answer within ${limit} ms`
        timer = setTimeout(() => reject(new TargetError({ message, short: message, isLate: true })), limit)
        this.#child.send({ id, method, args })
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    await this.ask('close', [], CLOSE_TIMEOUT).catch(() => undefined)
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
