/** Where stretches of one buffer begin and end, in their order. */
type Stretches = [start: number, end: number][]

/** How many of the stretches begin before `start`: they stand in their order. */
const placeOf = (stretches: Stretches, start: number): number => {
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (stretches[middle]![0] < start) low = middle + 1
    else high = middle
  }
  return low
}

/** The bytes that are in a value. */
export class ByteRanges {
  private readonly buffers = new Map<ArrayBufferLike, Stretches>()

  /** Whether none of the bytes was there before. Parts of one buffer beside each other are two things. */
  add(buffer: ArrayBufferLike, start: number, end: number): boolean {
    if (start === end) return true
    const stretches = this.buffers.get(buffer)
    if (stretches === undefined) {
      this.buffers.set(buffer, [[start, end]])
      return true
    }
    const place = placeOf(stretches, start)
    const [before, after] = [stretches[place - 1], stretches[place]]
    if ((before !== undefined && before[1] > start) || (after !== undefined && after[0] < end)) return false
    stretches.splice(place, 0, [start, end])
    return true
  }
}
