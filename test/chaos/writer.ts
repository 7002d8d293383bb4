import { setTimeout as sleep } from 'node:timers/promises'
import type { HistoryChecker } from 'nestjs-agent-memory/testing'
import type { CallLog } from './call-log.js'
import type { ChaosMemory } from './memories/chaos-memory.interface.js'
import { between, type Random } from './random.js'

/** How long writers go on to repeat what failed, after the faults are over. */
const FINISHING_MS = 30_000

export interface WriterOptions {
  readonly writer: string
  readonly memory: ChaosMemory
  readonly checker: HistoryChecker
  readonly log: CallLog
  readonly random: Random
  /** When it begins nothing new, as of performance.now(). */
  readonly end: number
}

/**
 * Works on sessions as an application does: several at a time, each call after the other, now and then several messages
 * that do not wait for each other; what failed is repeated under the same id until it is settled.
 */
export class Writer {
  #numbers = 0

  constructor(private readonly options: WriterOptions) {}

  /** Works on these sessions in turn until the end. Resolves when all it began is settled, or given up. */
  async work(sessions: readonly string[]): Promise<void> {
    const { random, end } = this.options
    for (let turn = 0; performance.now() < end; turn++) {
      const session = sessions[turn % sessions.length]!
      const choice = random()
      if (choice < 0.72) await this.#append(session, between(random, [1, 3]))
      else if (choice < 0.84) await this.#assign(session, random() < 0.5 ? 'set' : 'patch')
      else await this.#read(session, choice)
    }
  }

  async #append(session: string, count: number): Promise<void> {
    const { writer, memory, checker, log, random } = this.options
    await Promise.all(
      Array.from({ length: count }, async () => {
        const id = `${writer}-${++this.#numbers}`
        const content = `${id} ${'ä€🙂x'.repeat(between(random, [0, 60]))}`
        const done = await this.#persist(() =>
          checker.write({ writer, session, id, content }, () => log.time(() => memory.append(session, id, content))),
        )
        if (done) log.appended++
      }),
    )
  }

  async #assign(session: string, how: 'set' | 'patch'): Promise<void> {
    const { writer, memory, checker, log } = this.options
    const call = { writer, session, field: writer, value: String(++this.#numbers) }
    await this.#persist(() =>
      checker.assign(call, () => log.time(() => memory.assign(session, call.field, call.value, how))),
    )
  }

  async #read(session: string, choice: number): Promise<void> {
    const { writer, memory, checker, log } = this.options
    if (choice < 0.9) {
      const read = () => log.time(() => memory.readFields(session))
      await checker.readField({ session, field: writer }, read, ({ fields }) => fields[writer]).catch(() => undefined)
      return
    }
    const of = choice < 0.99 ? 'newest' : 'all'
    const read = () => log.time(() => memory.read(session, of))
    await checker.read({ session, of }, read, ({ entries }) => entries).catch(() => undefined)
  }

  /** Answers whether it was acknowledged. */
  async #persist(attempt: () => Promise<unknown>): Promise<boolean> {
    const { memory, random, end } = this.options
    for (let attempts = 1; ; attempts++) {
      try {
        await attempt()
        return true
      } catch (error) {
        if (!memory.repeats(error, attempts) || performance.now() > end + FINISHING_MS) return false
      }
      await sleep(between(random, [5, 50]))
    }
  }
}
