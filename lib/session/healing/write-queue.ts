import type { RecentWrite } from './recent-write.interface.js'

/** From how many places on that are empty the rest moves up. */
const MIN_GAP = 64

/**
 * Writes in the order in which they came. They mostly leave in the same order, for which a Set is no queue: what was deleted in
 * front is stepped over each time.
 */
export class WriteQueue {
  private places: (RecentWrite | undefined)[] = []
  private head = 0
  private count = 0

  get size(): number {
    return this.count
  }

  get first(): RecentWrite | undefined {
    return this.places[this.head]
  }

  *[Symbol.iterator](): IterableIterator<RecentWrite> {
    for (let place = this.head; place < this.places.length; place++) {
      const write = this.places[place]
      if (write !== undefined) yield write
    }
  }

  add(write: RecentWrite): void {
    this.places.push(write)
    this.count++
  }

  /** Answers whether it was there. */
  remove(write: RecentWrite): boolean {
    const place = this.places.indexOf(write, this.head)
    if (place < 0) return false
    this.places[place] = undefined
    this.count--
    while (this.head < this.places.length && this.places[this.head] === undefined) this.head++
    if (this.head >= MIN_GAP && this.head * 2 >= this.places.length) {
      this.places = this.places.slice(this.head)
      this.head = 0
    }
    return true
  }
}
