import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryError, type MemoryService } from 'nestjs-agent-memory'
import type { HistoryChecker } from 'nestjs-agent-memory/testing'
import type { CallLog } from '../call-log.js'
import { between, type Random } from '../random.js'
import type { Acknowledgements } from './acknowledgements.js'

/** A session and where it was when the run began. */
export interface Place {
  readonly session: string
  readonly shard: string
}

/** What all writers of a run have in common. */
export interface Run {
  readonly checker: HistoryChecker
  readonly log: CallLog
  acknowledgements: Acknowledgements
  /** Set when nothing new begins. */
  stopping: boolean
  /** When what failed is no longer repeated, by `performance.now()`. */
  givesUpAt: number
  /** Errors that no repetition mends. */
  readonly final: string[]
}

/** How long a writer thinks between two writes, in ms. */
const PAUSE = [5, 25] as const
/** How long it waits before it repeats what failed, in ms. */
const AGAIN = [10, 50] as const
/** How many writes in a hundred are of the state. */
const OF_STATE = 10

export type FailoverState = Record<string, string>

/** Writes to some sessions in turn, one write after the other; what failed is repeated under its id until it is settled. */
export class SessionWriter {
  #numbers = 0

  constructor(
    private readonly writer: string,
    private readonly memory: MemoryService<FailoverState>,
    private readonly run: Run,
    private readonly random: Random,
  ) {}

  async work(places: readonly Place[]): Promise<void> {
    for (let turn = 0; !this.run.stopping; turn++) {
      await this.write(places[turn % places.length]!)
      await sleep(between(this.random, PAUSE))
    }
  }

  async write(place: Place): Promise<void> {
    await (between(this.random, [1, 100]) <= OF_STATE ? this.#set(place) : this.append(place))
  }

  async append({ session, shard }: Place): Promise<void> {
    const { writer, memory } = this
    const { checker, log, acknowledgements } = this.run
    const id = `${writer}-${++this.#numbers}`
    const content = `${id} ${'ä€🙂x'.repeat(between(this.random, [0, 60]))}`
    const message = { role: 'user', content } as const
    const done = await this.#persist(() =>
      checker.write({ writer, session, id, content }, () =>
        log.time(() => memory.session(session).append(message, { operationId: id })),
      ),
    )
    if (!done) return
    log.appended++
    acknowledgements.note(shard, id)
  }

  async #set({ session }: Place): Promise<void> {
    const { writer, memory } = this
    const { checker, log } = this.run
    const value = String(++this.#numbers)
    const call = { writer, session, field: writer, value }
    await this.#persist(() =>
      checker.assign(call, () =>
        log.time(() => memory.session(session).state.set({ [writer]: value }, { operationId: `${writer}-${value}` })),
      ),
    )
  }

  /** Answers whether it was acknowledged. */
  async #persist(attempt: () => Promise<unknown>): Promise<boolean> {
    const { run } = this
    for (;;) {
      try {
        await attempt()
        return true
      } catch (error) {
        if (!(error instanceof MemoryError && error.retryable)) {
          run.final.push(String(error))
          return false
        }
        if (performance.now() > run.givesUpAt) return false
      }
      await sleep(between(this.random, AGAIN))
    }
  }
}
