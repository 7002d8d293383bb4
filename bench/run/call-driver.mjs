import { serverCpu } from './server-cpu.mjs'
import { TargetProcess } from './process.mjs'

/** Makes the calls of rows of one target, in its process. */
export class CallDriver {
  #target
  #settings
  #admin
  #process
  #opened

  /** @param settings what the target's module is opened with @param admin a client of the server, or none on a cluster */
  constructor(target, settings, admin) {
    this.#target = target
    this.#settings = settings
    this.#admin = admin
  }

  /** What the target says of itself. */
  note

  /** Starts the process, which takes a while: several may start at once. */
  open() {
    this.#opened ??= this.#open()
    return this.#opened
  }

  async prepare(row, budget) {
    await this.open()
    await this.#process.ask('prepare', [row, budget])
  }

  ready(row, budget) {
    return this.#process.ask('ready', [row, budget])
  }

  async slice(row, budget) {
    const before = this.#admin && (await serverCpu(this.#admin))
    const slice = await this.#process.ask('slice', [row, budget])
    if (this.#admin === undefined) return slice
    return { ...slice, serverCpu: ((await serverCpu(this.#admin)) - before) / slice.calls }
  }

  check(row) {
    return this.#process.ask('check', [row])
  }

  async close() {
    await this.#process?.close()
  }

  async #open() {
    this.#process = new TargetProcess(this.#target.module, this.#settings)
    this.note = await this.#process.ask('open')
  }
}
