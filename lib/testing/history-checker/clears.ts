import type { WriteHistory } from './write-history.js'

/** What the clears of a session (`clear`, `delete`) mean for the writes to it. */
export class Clears {
  readonly #done: readonly WriteHistory[]
  /** Whatever began before may have been cleared. */
  readonly #lastPossible: number

  constructor(clears: Iterable<WriteHistory>) {
    const all = [...clears]
    this.#done = all.filter(({ outcome }) => outcome === 'acknowledged')
    this.#lastPossible = Math.max(
      -Infinity,
      ...this.#done.map(({ ended }) => ended),
      ...all.filter(({ outcome }) => outcome === 'unknown').map(() => Infinity),
    )
  }

  mayBeGone(write: WriteHistory): boolean {
    return write.begun < this.#lastPossible
  }

  /** Whether it was acknowledged before a clear began that had been acknowledged at that time. */
  mustBeGone(write: WriteHistory, at = Infinity): boolean {
    return write.outcome === 'acknowledged' && this.#done.some(({ begun, ended }) => begun > write.ended && ended < at)
  }
}
