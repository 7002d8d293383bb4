import { inspect } from 'node:util'

/** Runs checks one by one and keeps what came of them. */
export class Report {
  #rows = []

  get failed() {
    return this.#rows.filter(({ error }) => error !== undefined).length
  }

  /**
   * @param {string} name
   * @param {() => unknown} work may answer a note for the table
   * @returns {Promise<boolean>} whether it passed
   */
  async check(name, work) {
    const start = performance.now()
    const row = { name, note: '', error: undefined, seconds: 0 }
    try {
      const note = await work()
      if (typeof note === 'string') row.note = note
    } catch (error) {
      row.error = error
      console.error(`\n${name}:\n${inspect(error)}\n`)
    }
    row.seconds = (performance.now() - start) / 1_000
    this.#rows.push(row)
    return row.error === undefined
  }

  print() {
    const width = Math.max(...this.#rows.map(({ name }) => name.length))
    for (const { name, note, error, seconds } of this.#rows) {
      const result = error === undefined ? 'ok  ' : 'FAIL'
      console.log(`${result} ${name.padEnd(width)} ${seconds.toFixed(1).padStart(5)} s  ${note}`.trimEnd())
    }
    console.log(`${this.#rows.length - this.failed} passed, ${this.failed} failed`)
  }
}
