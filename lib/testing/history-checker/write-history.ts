/** What became of a write, all its attempts taken together. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown'

/** Names a write. */
export interface WriteName {
  readonly writer: string
  readonly session: string
  readonly id: string
}

/**
 * One write and the attempts at it. Times are ticks: the number of the event in the process, so that of any two it is
 * known which came first.
 */
export class WriteHistory implements WriteName {
  readonly writer: string
  readonly session: string
  readonly id: string
  /** When the first attempt began. */
  readonly begun: number
  /** When the attempt began that was acknowledged; without one, the last attempt. */
  lastBegun: number
  /** When the last attempt ended. */
  ended = Infinity
  /** From when on every read has to show it. */
  visibleFrom = Infinity
  /** A read that is not stale showed it. */
  seen = false

  #acknowledged = false
  #doubtful = false
  #pending = 0

  constructor(
    { writer, session, id }: WriteName,
    /** Of the content; `undefined` where the content is not compared. */
    readonly digest: string | undefined,
    tick: number,
  ) {
    this.writer = writer
    this.session = session
    this.id = id
    this.begun = tick
    this.lastBegun = tick
  }

  get outcome(): Outcome {
    if (this.#acknowledged) return 'acknowledged'
    return this.#doubtful || this.#pending > 0 ? 'unknown' : 'refused'
  }

  begin(tick: number): void {
    this.#pending++
    if (!this.#acknowledged) this.lastBegun = tick
  }

  /** @param visible whether everyone sees it from now on; what is journaled is on its way yet */
  acknowledge(tick: number, visible: boolean): void {
    this.#acknowledged = true
    if (visible) this.visibleFrom = Math.min(this.visibleFrom, tick)
    this.#end(tick)
  }

  fail(tick: number, outcome: 'refused' | 'unknown'): void {
    if (outcome === 'unknown') this.#doubtful = true
    this.#end(tick)
  }

  #end(tick: number): void {
    this.#pending--
    this.ended = tick
  }
}
