/** A time in which nothing was acknowledged. */
export interface Gap {
  readonly ms: number
  /** When it ended, in ms from the start. */
  readonly at: number
}

const OVERALL = 'overall'

/** When appends were acknowledged, by shard: how long there was nothing. */
export class Acknowledgements {
  count = 0
  readonly #start = performance.now()
  readonly #last = new Map<string, number>()
  readonly #longest = new Map<string, Gap>()

  constructor(shards: readonly string[]) {
    for (const name of [...shards, OVERALL]) {
      this.#last.set(name, this.#start)
      this.#longest.set(name, { ms: 0, at: 0 })
    }
  }

  note(shard: string): void {
    this.count++
    this.#pass(shard)
    this.#pass(OVERALL)
  }

  /** The time since the last acknowledgement of each shard, which is a gap as well. Nothing is noted after it. */
  end(): Record<string, number> {
    const now = performance.now()
    const quiet = [...this.#last].map(([name, last]) => [name, Math.round(now - last)] as const)
    for (const [name] of quiet) this.#pass(name)
    return Object.fromEntries(quiet)
  }

  /** By shard, and `overall`. */
  get longest(): Record<string, Gap> {
    return Object.fromEntries(this.#longest)
  }

  #pass(name: string): void {
    const now = performance.now()
    const ms = now - (this.#last.get(name) ?? this.#start)
    this.#last.set(name, now)
    if (ms > (this.#longest.get(name)?.ms ?? 0))
      this.#longest.set(name, { ms: Math.round(ms), at: Math.round(now - this.#start) })
  }
}
