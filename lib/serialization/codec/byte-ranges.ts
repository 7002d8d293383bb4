interface ByteRange {
  readonly start: number
  readonly end: number
}

/** How many of the ranges, which stand in their order, begin before a byte. */
const countBefore = (ranges: readonly ByteRange[], byte: number): number => {
  let [from, to] = [0, ranges.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (ranges[middle]!.start < byte) from = middle + 1
    else to = middle
  }
  return from
}

/** Stretches of memory that are in a value. Of each buffer in order, so that many of them take no long search. */
export class ByteRanges {
  private readonly byBuffer = new Map<ArrayBufferLike, ByteRange[]>()

  /** Whether none of the bytes was there before. Parts of one buffer beside each other are two things. */
  add(buffer: ArrayBufferLike, start: number, end: number): boolean {
    if (start === end) return true
    const ranges = this.byBuffer.get(buffer)
    if (ranges === undefined) {
      this.byBuffer.set(buffer, [{ start, end }])
      return true
    }
    const at = countBefore(ranges, end)
    // None of those before it reaches further: they do not overlap each other.
    if (at > 0 && ranges[at - 1]!.end > start) return false
    ranges.splice(at, 0, { start, end })
    return true
  }
}
