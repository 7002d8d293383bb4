import { messagesOf, windowOf } from '../corpus.mjs'
import { OPERATIONS, WINDOW } from './operations.mjs'
import { WrongAnswer } from './wrong-answer.mjs'

/** How many messages of a session are read at most after a slice, to see whether all that was written is there. */
const MOST_READ = 5_000
/** How many sessions are filled, or read again, at once. */
const AT_ONCE = 16
/** How many times as long a session may get before it is made anew. */
const GROWTH = 1.05

const isSame = (found, expected) =>
  Array.isArray(found) &&
  found.length === expected.length &&
  expected.every(({ role, content }, at) => found[at]?.role === role && found[at]?.content === content)

const numberOf = (message) => /^\d+/.exec(String(message?.content))?.[0] ?? 'none'

const compare = (what, found, expected) => {
  if (isSame(found, expected)) return
  const given = Array.isArray(found)
    ? `${found.length} messages, ${numberOf(found[0])} to ${numberOf(found.at(-1))}`
    : typeof found
  const right = `${expected.length} messages, ${numberOf(expected[0])} to ${numberOf(expected.at(-1))}`
  throw new WrongAnswer(`${what}: ${given}; right: ${right}`)
}

/** One row in the process that makes its calls: its sessions, one for each caller, and what they hold. */
export class Task {
  #memory
  #row
  #operation
  #ids = []
  #counts = []
  /** How many messages of each session were there when it was looked at last. */
  #checked = []
  #answers = []
  #calls = 0
  #refreshes = 0

  constructor(memory, row) {
    this.#memory = memory
    this.#row = row
    this.#operation = OPERATIONS[row.operation]
  }

  /**
   * Sessions of the length that the row is about. They are made anew when what was appended meanwhile made them notably longer, unless
   * that takes too long.
   */
  async refresh() {
    const { history, callers, name } = this.#row
    if (this.#ids.length > 0 && (this.#memory.fillsSlowly === true || !this.#haveGrown)) return
    const former = this.#ids
    this.#refreshes += 1
    const base = `${name.replaceAll('/', '-')}-${this.#refreshes}`
    this.#ids = Array.from({ length: callers }, (_, caller) => `${base}-${caller}`)
    this.#counts = this.#ids.map(() => history)
    this.#checked = this.#ids.map(() => history)
    this.#answers = []
    const messages = messagesOf(0, history)
    await this.#memory.template?.(history, messages)
    for (let at = 0; at < callers; at += AT_ONCE) {
      const some = this.#ids.slice(at, at + AT_ONCE)
      await Promise.all(some.map((id) => this.#memory.clone?.(history, id) ?? this.#memory.fill(id, messages)))
    }
    await this.#memory.drop?.(former)
  }

  get #haveGrown() {
    return this.#counts.some((count) => count > this.#row.history * GROWTH)
  }

  /** @param {number} caller */
  async call(caller) {
    const count = this.#counts[caller]
    this.#counts[caller] = count + this.#operation.adds
    this.#calls += 1
    const answer = await this.#operation.call(this.#memory, this.#ids[caller], count, this.#calls)
    if (this.#operation.expected !== undefined) this.#answers[caller] = { answer, count }
  }

  /**
   * Looks at the answers of the calls that were made last, and at what stands in every session since it was looked at before.
   *
   * @throws WrongAnswer
   */
  async check() {
    const { operation } = this.#row
    for (const { answer, count } of this.#answers.filter(Boolean)) {
      compare(operation, answer, this.#operation.expected(count))
    }
    for (let at = 0; at < this.#ids.length; at += AT_ONCE) {
      const callers = Array.from({ length: Math.min(AT_ONCE, this.#ids.length - at) }, (_, index) => at + index)
      await Promise.all(callers.map((caller) => this.#checkSession(caller)))
    }
  }

  async #checkSession(caller) {
    const memory = this.#memory
    const [id, count] = [this.#ids[caller], this.#counts[caller]]
    if (this.#operation.patches === true) return memory.checkPatched(id)
    if (memory.holds !== undefined) return memory.holds(id)
    const added = count - this.#checked[caller]
    const read = Math.min(Math.max(WINDOW, added), memory.keeps ?? MOST_READ)
    const found = await (memory.reread ?? memory.last)(id, read)
    compare(`after ${this.#row.operation}`, found, windowOf(count, read))
    this.#checked[caller] = count
    return undefined
  }
}
