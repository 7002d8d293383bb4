import { MemoryError, type MemoryService } from 'nestjs-agent-memory'

/** What became of a call. */
export const OUTCOMES = ['not settled', 'acknowledged', 'refused', 'unknown', 'not typed'] as const
const [, ACKNOWLEDGED, REFUSED, UNKNOWN, NOT_TYPED] = OUTCOMES.keys()

export type CallKind = 'append' | 'state.set' | 'messages'

const KINDS: readonly CallKind[] = ['append', 'messages', 'append', 'state.set']
const MOST_CALLS = 1_000_000
const TICK = 5
const TEXT = 'The room should be quiet, and have a desk. '.repeat(20)

/** What a call is known by: its number says which kind it is, and of which session. */
export const kindOf = (call: number): CallKind => KINDS[call % KINDS.length]!
export const sessionOf = (call: number, sessions: number): string =>
  `session-${Math.floor(call / KINDS.length) % sessions}`
export const contentOf = (call: number): string => `${call} ${TEXT}`
export const fieldOf = (call: number): string => `field${call}`

export interface LoadReport {
  readonly calls: number
  /** The index in OUTCOMES for each call by its number, in base64. */
  readonly outcomes: string
  /** By code and `executed`, as `TIMEOUT/unknown`. */
  readonly errors: Readonly<Record<string, number>>
  /** In ms. */
  readonly longest: number
  /** What was thrown that is no MemoryError. */
  readonly untyped: readonly string[]
  /** The most calls under way at a time. */
  readonly mostUnderWay: number
}

/** Calls at a fixed rate: the next one does not wait for the answer to the last one. What it notes is no part of the heap. */
export class OpenLoop {
  underWay = 0
  answered = 0
  #calls = 0
  #longest = 0
  #mostUnderWay = 0
  #timer: NodeJS.Timeout | undefined
  readonly #outcomes = new Uint8Array(new SharedArrayBuffer(MOST_CALLS))
  readonly #errors: Record<string, number> = {}
  readonly #untyped: string[] = []
  #whenIdle: (() => void) | undefined

  constructor(
    private readonly memory: MemoryService,
    private readonly sessions: number,
    private readonly rate: number,
  ) {}

  /** A number of calls of each kind to each session. */
  async callEverySession(): Promise<void> {
    for (let round = 0; round < 5; round++) {
      this.callAtOnce(this.sessions * KINDS.length)
      await this.settled()
    }
  }

  /** @param count of calls, none of them awaited */
  callAtOnce(count: number): void {
    for (let call = 0; call < count && this.#calls < MOST_CALLS; call++) void this.#call(this.#calls++)
  }

  start(): void {
    const began = performance.now()
    let made = 0
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1_000) * this.rate)
      this.callAtOnce(due - made)
      made = due
    }, TICK)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    if (this.underWay === 0) return
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve
    })
  }

  report(): LoadReport {
    return {
      calls: this.#calls,
      outcomes: Buffer.from(this.#outcomes.subarray(0, this.#calls)).toString('base64'),
      errors: this.#errors,
      longest: this.#longest,
      untyped: this.#untyped,
      mostUnderWay: this.#mostUnderWay,
    }
  }

  async #call(call: number): Promise<void> {
    const since = performance.now()
    this.#mostUnderWay = Math.max(this.#mostUnderWay, ++this.underWay)
    try {
      await this.#make(call)
      this.#outcomes[call] = ACKNOWLEDGED!
      this.answered++
    } catch (error) {
      this.#outcomes[call] = this.#failed(error)
    }
    this.#longest = Math.max(this.#longest, performance.now() - since)
    if (--this.underWay === 0) this.#whenIdle?.()
  }

  #failed(error: unknown): number {
    if (!(error instanceof MemoryError)) {
      this.#untyped.push(String(error))
      return NOT_TYPED!
    }
    const name = `${error.code}/${error.executed}`
    this.#errors[name] = (this.#errors[name] ?? 0) + 1
    return error.executed === 'no' ? REFUSED! : UNKNOWN!
  }

  #make(call: number): Promise<unknown> {
    const session = this.memory.session(sessionOf(call, this.sessions))
    const kind = kindOf(call)
    if (kind === 'messages') return session.messages({ last: 10 })
    return kind === 'append'
      ? session.append({ role: 'user', content: contentOf(call) }, { operationId: `call-${call}` })
      : session.state.set({ [fieldOf(call)]: call })
  }
}
