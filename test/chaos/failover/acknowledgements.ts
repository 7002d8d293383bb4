/** A time in which nothing was acknowledged. */
export interface Gap {
  readonly ms: number
  /** When it ended, in ms from the start. */
  readonly at: number
}

const OVERALL = 'overall'

/** When appends were acknowledged, by shard: how long there was nothing. */
export class Acknowledgements {
  readonly #start = performance.now()
  readonly #at = new Map<string, number>()
  readonly #last = new Map<string, number>()
  readonly #longest = new Map<string, Gap>()

  constructor(shards: readonly string[]) {
    for (const name of [...shards, OVERALL]) {
      this.#last.set(name, this.#start)
      this.#longest.set(name, { ms: 0, at: 0 })
    }
  }

  note(shard: string, id: string): void {
    this.#at.set(id, performance.now() - this.#start)
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

  /** When the first and the last of these were acknowledged, in seconds from the start; nothing for none. */
  span(ids: readonly string[]): string {
    const times = ids.map((id) => this.#at.get(id)).filter((at) => at !== undefined)
    const [first, last] = [Math.min(...times), Math.max(...times)]
    return times.length === 0 ? '' : `${(first / 1_000).toFixed(1)} to ${(last / 1_000).toFixed(1)} s`
  }

  #pass(name: string): void {
    const now = performance.now()
    const ms = now - (this.#last.get(name) ?? this.#start)
    this.#last.set(name, now)
    if (ms > (this.#longest.get(name)?.ms ?? 0))
      this.#longest.set(name, { ms: Math.round(ms), at: Math.round(now - this.#start) })
  }
}
