import type { HistoryChecker } from 'nestjs-agent-memory/testing'
import type { JournalWriterLine } from '../../support/workers/journal-writer.js'
import { contentOf, type KilledWrite } from './entry.js'

interface Pending {
  readonly write: KilledWrite
  readonly answer: (result: object) => void
  readonly fail: (error: object) => void
}

const WRITER = 'application'
const keyOf = ({ session, id }: KilledWrite): string => `${session}/${id}`

/** What one process has said. */
interface Life {
  replayed: number
  journaled: number
  /** How many writes waited when it made the last one late. */
  left: number
  last: 'replayed' | 'journaled' | undefined
}

const newLife = (): Life => ({ replayed: 0, journaled: 0, left: 0, last: undefined })

/** Turns what a process says of its calls into a history, in which a call that was under way when it was killed is unknown. */
export class Recorder {
  readonly answered = { redis: 0, journal: 0 }
  /** By code and `executed`. */
  readonly failed = new Map<string, number>()
  readonly aside: string[] = []
  replayed = 0
  killed = 0
  life = newLife()
  readonly #pending = new Map<string, Pending>()

  constructor(private readonly checker: HistoryChecker) {}

  get underWay(): number {
    return this.#pending.size
  }

  begin(): void {
    this.life = newLife()
  }

  hear(line: JournalWriterLine): void {
    if ('call' in line) this.#call(line.call)
    else if ('answered' in line) this.#answered(line.answered, line.stored)
    else if ('failed' in line) this.#failed(line.failed, line)
    else if ('aside' in line) this.aside.push(`${line.aside}: ${line.reason}`)
    else if ('replayed' in line) {
      this.replayed++
      this.life.replayed++
      this.life.left = line.left
      this.life.last = 'replayed'
    }
  }

  /** The process was killed. Answers what it had called and not been answered, in the order of the calls. */
  end(): KilledWrite[] {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    this.killed += pending.length
    for (const { fail } of pending) fail({ executed: 'unknown' })
    return pending.map(({ write }) => write)
  }

  #call(write: KilledWrite): void {
    const { session, id } = write
    const settled = new Promise((resolve, reject) => {
      this.#pending.set(keyOf(write), { write, answer: resolve, fail: reject })
    })
    this.checker.write({ writer: WRITER, session, id, content: contentOf(write) }, () => settled).catch(() => undefined)
  }

  #answered(write: KilledWrite, stored: 'redis' | 'journal'): void {
    this.answered[stored]++
    if (stored === 'redis') return this.#take(write)?.answer({ stored })
    this.life.journaled++
    this.life.last = 'journaled'
    this.#take(write)?.answer({ stored })
  }

  #failed(write: KilledWrite, { code, executed }: { readonly code: string; readonly executed: string }): void {
    const name = `${code}/${executed}`
    this.failed.set(name, (this.failed.get(name) ?? 0) + 1)
    this.#take(write)?.fail({ executed })
  }

  #take(write: KilledWrite): Pending | undefined {
    const pending = this.#pending.get(keyOf(write))
    this.#pending.delete(keyOf(write))
    return pending
  }
}
